"""Answers become consensus and skills."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from tests.learning.digits import QUESTION, Digits

from meguri.annotation import service as annotations
from meguri.data.model import TEST, TRAIN
from meguri.quality import service
from meguri.storage import journal
from meguri.storage.store import Store


@pytest.fixture(params=["majority", "dawid_skene"])
def digits(request: pytest.FixtureRequest, store: Store) -> Digits:
    return Digits(store, 60, aggregator=request.param)


def aggregate(digits: Digits, **options: object) -> int:
    with digits.store.database.begin() as tx:
        return service.aggregate(tx, digits.project, **options)  # type: ignore[arg-type]


def test_answers_become_labels_with_a_confidence(digits: Digits) -> None:
    items = digits.ids(TRAIN)[:20]
    for person in range(3):
        digits.answer(items, person)
    assert aggregate(digits) == 20
    with digits.store.database.read() as tx:
        labels = service.labels(tx, digits.project.id, "digit", TRAIN)
        assert service.labels(tx, digits.project.id, "digit", TEST) == []
        assert service.count_labelled(tx, digits.project.id) == {TRAIN: 20}
    assert {label.item_id: label.value for label in labels} == {item: digits.truth[item] for item in items}
    assert all(label.confidence > 0.9 and label.answers == 3 for label in labels)


def test_aggregating_again_changes_nothing(digits: Digits) -> None:
    digits.answer(digits.ids(TRAIN)[:10])
    aggregate(digits)
    with digits.store.database.read() as tx:
        before = service.consensus(tx, digits.ids(TRAIN)), service.skills(tx, digits.project.id)
        entries = len(journal.of_project(tx, digits.project.id, limit=500).rows)
    aggregate(digits)
    with digits.store.database.read() as tx:
        after = service.consensus(tx, digits.ids(TRAIN)), service.skills(tx, digits.project.id)
        assert len(journal.of_project(tx, digits.project.id, limit=500).rows) == entries
    assert [(row.value, row.confidence) for rows in before[0].values() for row in rows.values()] == [
        (row.value, row.confidence) for rows in after[0].values() for row in rows.values()
    ]
    assert before[1] == after[1]


def test_what_came_with_an_import_is_the_truth(digits: Digits) -> None:
    item = digits.ids(TRAIN)[0]
    wrong = str((int(digits.truth[item]) + 1) % 10)
    for person in range(3):
        digits.answer([item], person, lambda _: wrong)
    with digits.store.database.begin() as tx:
        annotations.add_imported(tx, digits.project.schema, digits.project.id, [(item, {"digit": digits.truth[item]})])
    aggregate(digits)
    with digits.store.database.read() as tx:
        found = service.consensus(tx, [item])[item]["digit"]
        skills = service.skills(tx, digits.project.id)
    assert (found.value, found.confidence) == (digits.truth[item], 1.0)
    assert all(skill.value < 0.1 for skill in skills)


def test_an_adjudication_settles_a_dispute(digits: Digits) -> None:
    item = digits.ids(TRAIN)[0]
    for person in range(2):
        digits.answer([item], person, lambda _: "3")
    digits.answer([item], 2, lambda _: "5", reason="adjudication")
    aggregate(digits)
    with digits.store.database.read() as tx:
        found = service.consensus(tx, [item])[item]["digit"]
    assert (found.value, found.confidence) == ("5", 1.0)


def test_an_answer_taken_back_counts_no_longer(digits: Digits) -> None:
    item = digits.ids(TRAIN)[0]
    digits.answer([item])
    aggregate(digits)
    with digits.store.database.begin() as tx:
        annotations.retract(tx, annotations.of_items(tx, digits.project.id, [item])[item][0].id, "undo")
    aggregate(digits, item_ids=[item])
    with digits.store.database.read() as tx:
        assert service.consensus(tx, [item]) == {item: {}}
        assert service.count_labelled(tx, digits.project.id) == {}


def test_a_look_at_some_items_hides_no_others(digits: Digits) -> None:
    first, second = digits.ids(TRAIN)[:2]
    digits.answer([first, second])
    assert aggregate(digits, item_ids=[second]) == 1
    assert aggregate(digits) > 0
    with digits.store.database.read() as tx:
        assert all(service.consensus(tx, [first, second]).values())


def test_an_answer_taken_back_is_noticed_by_the_next_look(digits: Digits) -> None:
    first, second = digits.ids(TRAIN)[:2]
    digits.answer([first, second])
    aggregate(digits)
    with digits.store.database.begin() as tx:
        annotations.retract(tx, annotations.of_items(tx, digits.project.id, [first])[first][0].id, "undo")
    aggregate(digits)
    with digits.store.database.read() as tx:
        assert service.consensus(tx, [first, second])[first] == {}


def test_somebody_who_clicks_at_random_has_little_skill(digits: Digits) -> None:
    items = digits.ids(TRAIN)
    for person in range(3):
        digits.answer(items, person)
    digits.answer(items, 3, lambda item: str((int(digits.truth[item]) + item) % 10))
    aggregate(digits)
    with digits.store.database.read() as tx:
        skills = {skill.person_id: skill for skill in service.skills(tx, digits.project.id)}
        agreement = service.agreement(tx, digits.project.id)["digit"]
    clicker = skills[digits.people[3]]
    assert clicker.high < min(skills[person].low for person in digits.people[:3])
    assert clicker.low <= clicker.value <= clicker.high
    assert 0.4 < (agreement[0] or 0) < 0.7
    assert agreement[1] == 4 * len(items)


def test_one_answer_alone_says_nothing_about_skill(digits: Digits) -> None:
    digits.answer(digits.ids(TRAIN)[:5])
    aggregate(digits)
    with digits.store.database.read() as tx:
        assert service.skills(tx, digits.project.id) == []
        standing = service.standings(tx, digits.project)[digits.people[0]]
    assert (standing.answers, standing.skill, standing.agreement) == (5, None, None)


def test_disputed_items_are_found_first(digits: Digits) -> None:
    calm, disputed = digits.ids(TRAIN)[:2]
    for person in range(2):
        digits.answer([calm], person)
        digits.answer([disputed], person, lambda _, person=person: str(person))
    aggregate(digits)
    with digits.store.database.read() as tx:
        assert service.find(tx, digits.project.id, "digit", min_disagreement=0.3) == [disputed]
        assert service.find(tx, digits.project.id, "digit", by_disagreement=True) == [disputed, calm]
        assert service.find(tx, digits.project.id, "digit", label=digits.truth[calm])[:1] == [calm]
        life = [entry.kind for entry in journal.of_item(tx, calm).rows]
    assert life[0] == "quality.agreed"


def test_changing_the_aggregator_reads_everything_anew(store: Store) -> None:
    digits = Digits(store, 40)
    for person in range(3):
        digits.answer(digits.ids(TRAIN), person)
    aggregate(digits)
    settings = digits.project.settings.model_copy(update={"aggregator": "dawid_skene"})
    digits.project = replace(digits.project, settings=settings)
    assert aggregate(digits) == len(digits.ids(TRAIN))
    with store.database.read() as tx:
        rows = service.consensus(tx, digits.ids(TRAIN)).values()
    assert {row.aggregator for found in rows for row in found.values()} == {"dawid_skene"}


def test_several_options_are_merged_by_their_type(store: Store) -> None:
    digits = Digits(store, 40, [{"name": "marks", "type": "choices", "options": ["odd", "large", "round"]}])
    item = digits.ids(TRAIN)[0]
    for person, said in enumerate((["odd"], ["odd", "large"], ["odd", "large"])):
        digits.answer([item], person, lambda _, said=said: said)
    aggregate(digits)
    with store.database.read() as tx:
        found = service.consensus(tx, [item])[item]["marks"]
    assert found.value == ["odd", "large"]
    assert 0 < found.disagreement < 0.4


def test_people_are_shown_with_their_skill(
    store: Store, client: TestClient, outsider: TestClient, annotator: TestClient, owner: TestClient
) -> None:
    from meguri.accounts import service as accounts

    digits = Digits(store, 40, [QUESTION])
    with store.database.begin() as tx:
        for person in (*digits.people[:2], annotator.person_id):  # type: ignore[attr-defined]
            accounts.add_member(tx, digits.project.id, person, "annotator")
    for person in range(2):
        digits.answer(digits.ids(TRAIN), person)
    aggregate(digits)
    address = f"/api/v1/projects/{digits.project.id}/people"
    assert client.get(address).status_code == 401
    assert outsider.get(address).status_code == 404
    assert annotator.get(address).status_code == 403
    rows = owner.get(address).json()["rows"]
    assert [(row["answers"], row["skill"]) for row in rows] == [(len(digits.ids(TRAIN)), 1.0)] * 2 + [(0, None)]
    assert rows[0]["skill_low"] < 1
    assert rows[0]["last_seen"]
    found = owner.get(f"/api/v1/projects/{digits.project.id}/agreement").json()["rows"]
    assert found == [{"question": "digit", "agreement": 1.0, "answers": 2 * len(digits.ids(TRAIN))}]
