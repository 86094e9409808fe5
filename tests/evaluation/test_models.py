"""Models are measured, judged, promoted and rolled back, by service and over HTTP."""

import random

import pytest
from starlette.testclient import TestClient
from tests.learning.digits import Digits

from meguri.accounts import service as accounts
from meguri.annotation import service as annotations
from meguri.data.model import TEST, TRAIN
from meguri.evaluation import service
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.learning import service as learning
from meguri.quality import service as quality
from meguri.storage import journal
from meguri.storage.store import Store


@pytest.fixture
def digits(store: Store) -> Digits:
    """A project whose test split is labelled, and some of the rest."""
    made = Digits(store, 240, test_share=0.35)
    made.learn_all(60)
    with store.database.begin() as tx:
        quality.aggregate(tx, made.project)
    return made


def label(digits: Digits, items: list[int], corrupt: bool = False) -> None:
    rng = random.Random(0)
    with digits.store.database.begin() as tx:
        rows = [(item, {"digit": str(rng.randrange(10)) if corrupt else digits.truth[item]}) for item in items]
        annotations.add_imported(tx, digits.project.schema, digits.project.id, rows)
        quality.aggregate(tx, digits.project)


def train(digits: Digits, round: int) -> int:
    with digits.store.database.begin() as tx:
        return learning.train(tx, digits.store, digits.project, round=round).id


def promoted(digits: Digits, round: int = 1) -> int:
    model = train(digits, round)
    with digits.store.database.begin() as tx:
        assert service.judge(tx, digits.store, digits.project, model).passed
        service.promote(tx, digits.project.id, model, "person:1", "it is good")
    return model


def test_a_model_is_measured_on_the_locked_split_once(digits: Digits) -> None:
    model = train(digits, 1)
    with digits.store.database.begin() as tx:
        report = service.measure(tx, digits.store, digits.project, model)
        again = service.measure(tx, digits.store, digits.project, model)
    assert again == report
    assert (report.items, report.split) == (len(digits.ids(TEST)), TEST)
    found = report.metrics["accuracy"]
    assert 0.6 < found["low"] < found["value"] < found["high"] < 1
    kept = service.details(digits.store, report)["digit"]
    assert set(kept["items"]) == set(digits.ids(TEST))
    assert {one["slice"] for one in kept["slices"]} >= {"half=0", "half=1"}


def test_measuring_apart_gives_the_same_report(digits: Digits) -> None:
    model = train(digits, 1)
    apart = service.measure_apart(digits.store, digits.project, model)
    with digits.store.database.begin() as tx:
        assert service.measure(tx, digits.store, digits.project, model) == apart


def test_without_test_labels_no_model_passes_and_it_says_why(store: Store) -> None:
    digits = Digits(store, 100)
    label(digits, digits.ids(TRAIN)[:50])
    model = train(digits, 1)
    with store.database.begin() as tx:
        verdict = service.judge(tx, store, digits.project, model)
        with pytest.raises(Conflict) as refused:
            service.promote(tx, digits.project.id, model, "person:1", "why not")
    reasons = {reason["gate"]: reason for reason in verdict.reasons}
    assert not verdict.passed
    assert reasons["enough_labels"]["params"]["more"] == 50
    assert refused.value.code == "evaluation.refused"


def test_a_model_learnt_from_corrupted_labels_is_refused(digits: Digits) -> None:
    champion = promoted(digits)
    label(digits, digits.ids(TRAIN), corrupt=True)
    worse = train(digits, 2)
    with digits.store.database.begin() as tx:
        verdict = service.judge(tx, digits.store, digits.project, worse)
        with pytest.raises(Conflict):
            service.promote(tx, digits.project.id, worse, "person:1", "I like it")
        assert service.alias(tx, digits.project.id, "champion") == champion
    assert verdict.champion_id == champion
    assert "gate.not_worse.worse" in {reason["code"] for reason in verdict.reasons if not reason["passed"]}


def test_the_gates_are_overruled_only_with_a_reason(digits: Digits) -> None:
    promoted(digits)
    label(digits, digits.ids(TRAIN), corrupt=True)
    worse = train(digits, 2)
    with digits.store.database.begin() as tx:
        with pytest.raises(Conflict) as unjudged:
            service.promote(tx, digits.project.id, worse, "person:1", "")
        with pytest.raises(Invalid):
            service.promote(tx, digits.project.id, worse, "person:1", " ", force=True)
        service.promote(tx, digits.project.id, worse, "person:1", "to see it fail", force=True)
        assert service.alias(tx, digits.project.id, "champion") == worse
    assert unjudged.value.code == "evaluation.not_judged"


def test_a_verdict_beside_an_earlier_champion_is_not_enough(digits: Digits) -> None:
    first, second = train(digits, 1), train(digits, 2)
    label(digits, digits.ids(TRAIN)[:100])
    third = train(digits, 3)
    with digits.store.database.begin() as tx:
        for model in (first, third):
            service.judge(tx, digits.store, digits.project, model)
        service.promote(tx, digits.project.id, first, "system", "")
        with pytest.raises(Conflict) as stale:
            service.promote(tx, digits.project.id, third, "system", "")
        assert service.judge(tx, digits.store, digits.project, third).passed
        service.promote(tx, digits.project.id, third, "system", "")
    assert stale.value.code == "evaluation.not_judged"
    assert second not in (first, third)


def test_rollback_gives_production_back(digits: Digits) -> None:
    first = promoted(digits)
    label(digits, digits.ids(TRAIN)[:120])
    second = promoted(digits, 2)
    with digits.store.database.begin() as tx:
        service.rollback(tx, digits.project.id, "person:1", "complaints")
        assert service.alias(tx, digits.project.id, "champion") == first
        with pytest.raises(Conflict):
            service.rollback(tx, digits.project.id, "person:1", "more complaints")
        moves = service.history(tx, digits.project.id)
        kinds = [entry.kind for entry in journal.of_project(tx, digits.project.id, limit=20).rows]
    assert [(move.kind, move.model_version_id) for move in moves] == [
        ("rollback", first),
        ("promote", second),
        ("promote", first),
    ]
    assert kinds[0] == "evaluation.rolled_back"


def test_a_champion_is_measured_anew_when_the_locked_labels_change(digits: Digits) -> None:
    champion = promoted(digits)
    moved = digits.ids(TEST)[0]
    with digits.store.database.begin() as tx:
        before = service.report(tx, champion)
        other = str((int(digits.truth[moved]) + 1) % 10)
        annotations.add_imported(tx, digits.project.schema, digits.project.id, [(moved, {"digit": other})])
        quality.aggregate(tx, digits.project)
    challenger = train(digits, 2)
    with digits.store.database.begin() as tx:
        service.judge(tx, digits.store, digits.project, challenger)
        mine, theirs = service.report(tx, challenger), service.report(tx, champion)
    assert before is not None and mine is not None and theirs is not None
    assert mine.items_hash == theirs.items_hash != before.items_hash


def test_two_models_are_compared_item_by_item(digits: Digits) -> None:
    first = train(digits, 1)
    label(digits, digits.ids(TRAIN), corrupt=True)
    second = train(digits, 2)
    with digits.store.database.begin() as tx:
        found = service.compare(tx, digits.store, digits.project, first, second)
        same = service.compare(tx, digits.store, digits.project, first, first)
    counts = [found[name] for name in ("both_right", "only_a", "only_b", "both_wrong")]
    assert sum(counts) == len(digits.ids(TEST))
    assert found["only_a"] > found["only_b"]
    assert found["p_value"] < 0.01
    assert all(row["truth"] == digits.truth[row["item"]] for row in found["items"])
    assert (same["p_value"], same["items"]) == (1.0, [])


def test_another_projects_model_is_not_found(digits: Digits) -> None:
    model = train(digits, 1)
    with digits.store.database.begin() as tx, pytest.raises(NotFound):
        service.promote(tx, digits.project.id + 1, model, "person:1", "")


def test_models_over_http(
    digits: Digits, client: TestClient, outsider: TestClient, annotator: TestClient, owner: TestClient
) -> None:
    base = f"/api/v1/projects/{digits.project.id}"
    first = train(digits, 1)
    with digits.store.database.begin() as tx:
        accounts.add_member(tx, digits.project.id, annotator.person_id, "annotator")  # type: ignore[attr-defined]
    for path in ("/models", f"/models/{first}", f"/models/compare?a={first}&b={first}", "/promotions"):
        assert client.get(base + path).status_code == 401
        assert outsider.get(base + path).status_code == 404
        assert annotator.get(base + path).status_code == 403
    assert annotator.post(f"{base}/models/{first}/promote", json={}).status_code == 403

    assert owner.get(f"{base}/models/{first}").json()["report"] is None
    moved = owner.post(f"{base}/models/{first}/promote", json={"why": "first"})
    assert (moved.status_code, moved.json()["number"]) == (200, 1), moved.text
    label(digits, digits.ids(TRAIN), corrupt=True)
    second = train(digits, 2)
    refused = owner.post(f"{base}/models/{second}/promote", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "evaluation.refused")
    assert {one["gate"] for one in refused.json()["params"]["reasons"]} >= {"not_worse"}

    listed = owner.get(f"{base}/models").json()
    assert listed["champion"] == first
    assert [(row["id"], row["is_champion"], row["verdict"]["passed"]) for row in listed["rows"]] == [
        (second, False, False),
        (first, True, True),
    ]
    report = owner.get(f"{base}/models/{second}").json()["report"]
    assert report["question"] == "digit"
    assert len(report["confusion"]["matrix"]) == 10
    assert report["worst"][0]["score"] >= report["worst"][-1]["score"]
    assert owner.get(f"{base}/models/compare?a={first}&b={second}").json()["only_a"] > 0

    assert owner.post(f"{base}/rollback", json={}).json()["code"] == "evaluation.nothing_before"
    assert owner.post(f"{base}/models/{second}/promote", json={"force": True}).status_code == 422
    assert owner.post(f"{base}/models/{second}/promote", json={"force": True, "why": "test"}).status_code == 200
    assert owner.post(f"{base}/rollback", json={"why": "enough"}).json()["model"] == first
    assert [row["kind"] for row in owner.get(f"{base}/promotions").json()["rows"]] == ["rollback", "promote", "promote"]
