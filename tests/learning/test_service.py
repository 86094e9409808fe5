"""Features, training, predictions and selection on a project of real digits."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.learning.digits import QUESTION, Digits

from meguri.data import service as data
from meguri.data.model import TEST, TRAIN
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.learning import choosing, seeing, service
from meguri.learning.artefact import Artefact
from meguri.quality import service as quality
from meguri.storage import journal
from meguri.storage.store import Store

Make = Callable[..., Digits]


@pytest.fixture
def digits(store: Store) -> Digits:
    return Digits(store)


def learn(digits: Digits, train: int = 80) -> None:
    digits.learn_all(train)
    with digits.store.database.begin() as tx:
        quality.aggregate(tx, digits.project)


def test_features_are_computed_once_and_kept(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    with digits.store.database.read() as tx:
        items = data.get_many(tx, digits.ids(TRAIN))
    first = service.featurise(digits.store, digits.project, items)
    assert list((digits.store.folder / "features" / "image_hog-1").glob("*/rows.npy"))
    monkeypatch.setattr(seeing, "_caches", {})
    monkeypatch.setattr(seeing, "_content", lambda store, item: pytest.fail("it was read again"))
    again = service.featurise(digits.store, digits.project, items[::-1])
    np.testing.assert_array_equal(again[::-1], first)


def test_text_features_are_kept_sparse(store: Store) -> None:
    from meguri.data.model import NewItem
    from meguri.labelling import service as labelling

    question = {"name": "topic", "type": "choice", "options": ["a", "b"]}
    with store.database.begin() as tx:
        project = labelling.create_project(tx, "system", name="T", modality="text", questions=[question], seed="s")
        new = [NewItem(text=f"text number {n}") for n in range(60)]
        ids = [one.item_id for one in data.add(tx, store.blobs, project.home, new, "system")]
        items = data.get_many(tx, ids)
    rows = service.featurise(store, project, items)
    again = service.featurise(store, project, items[:40])
    assert abs(rows[:40] - again).max() == 0
    assert rows.shape[0] == 60
    assert service.featurise(store, project, []).shape[0] == 0


def test_a_model_knows_what_it_was_made_from(digits: Digits) -> None:
    learn(digits)
    with digits.store.database.begin() as tx:
        model = service.train(tx, digits.store, digits.project, round=3, seed=1, actor="job:9")
        rows = data.dataset(tx, digits.store.blobs, model.dataset_version_id or 0)
        told = journal.of_project(tx, digits.project.id).rows[0]
    assert (model.number, model.round, model.made_by) == (1, 3, "job:9")
    assert model.card["labels"] == 80
    assert model.card["people"] == {"import": 80}
    assert {row["split"] for row in rows} == {TRAIN, TEST}
    assert all(row["annotations"] and row["hash"] for row in rows)
    assert (told.kind, told.model_version_id) == ("learning.trained", model.id)


def test_the_test_split_never_enters_training_or_selection(digits: Digits) -> None:
    learn(digits, 60)
    locked = set(digits.ids(TEST))
    with digits.store.database.begin() as tx:
        given = service.plan(tx, digits.store, digits.project)
        seen = service.look(tx, digits.project, 20)
        chosen = service.select(tx, digits.store, digits.project, 200, round=1)
    used = {item.id for item in [*given.items, *given.background, *seen.pool, *seen.labelled]}
    assert not used & locked
    assert not {one.item_id for one in chosen} & locked


def test_the_same_seed_gives_the_same_model_and_a_round_keeps_it_once(digits: Digits) -> None:
    learn(digits)
    with digits.store.database.begin() as tx:
        first = service.train(tx, digits.store, digits.project, round=1, seed=5)
        again = service.train(tx, digits.store, digits.project, round=1, seed=5)
        later = service.train(tx, digits.store, digits.project, round=2, seed=5)
    assert again.id == first.id
    assert (later.id != first.id, later.blob) == (True, first.blob)
    assert later.card["kappa"] == 1.0


def test_training_apart_holds_no_transaction_and_makes_the_same(digits: Digits) -> None:
    learn(digits)
    calls = []

    def call(function: Callable[..., bytes], *args: object) -> bytes:
        calls.append(function.__name__)
        with digits.store.database.begin() as tx:  # would wait for ever if another one were open
            quality.aggregate(tx, digits.project)
        return function(*args)

    apart = service.train_apart(digits.store, digits.project, round=1, call=call)
    with digits.store.database.begin() as tx:
        here = service.train(tx, digits.store, digits.project, round=2)
    assert calls == ["fit"]
    assert apart.blob == here.blob


def test_a_loaded_model_answers_every_item(digits: Digits) -> None:
    learn(digits, 150)
    with digits.store.database.begin() as tx:
        model = service.train(tx, digits.store, digits.project)
        items = data.get_many(tx, digits.ids(TEST))
    predictor = service.load(digits.store, model)
    found = predictor.predict(items)
    right = sum(one.answers["digit"] == digits.truth[item.id] for one, item in zip(found, items, strict=True))
    assert right / len(items) > 0.85
    assert all(0 <= one.score <= 1 and abs(sum(one.probabilities["digit"].values()) - 1) < 1e-6 for one in found)
    same = predictor.predict_contents([digits.store.blobs.get(items[0].blob or "")])
    assert same[0].answers == found[0].answers
    assert predictor.predict([]) == []


def test_labels_of_one_class_only_say_what_is_missing(digits: Digits) -> None:
    zeros = [item for item in digits.ids(TRAIN) if digits.truth[item] == "0"]
    digits.answer(zeros)
    with digits.store.database.begin() as tx:
        quality.aggregate(tx, digits.project)
        with pytest.raises(Invalid) as refused:
            service.train(tx, digits.store, digits.project)
    assert refused.value.code == "learning.too_few_classes"


def test_every_question_gets_a_head_and_the_first_required_one_leads(store: Store) -> None:
    odd = {"name": "marks", "type": "choices", "options": ["odd", "large"], "required": False}
    digits = Digits(store, 200, [odd, QUESTION])
    with store.database.begin() as tx:
        from meguri.annotation import service as annotations

        def marks(digit: str) -> list[str]:
            return [name for name, holds in (("odd", int(digit) % 2), ("large", int(digit) > 4)) if holds]

        rows = [(item, {"digit": truth, "marks": marks(truth)}) for item, truth in digits.truth.items()]
        annotations.add_imported(tx, digits.project.schema, digits.project.id, rows)
        quality.aggregate(tx, digits.project)
        model = service.train(tx, store, digits.project)
        items = data.get_many(tx, digits.ids(TEST))
    predictor = service.load(store, model)
    assert [question.name for question in predictor.questions] == ["digit", "marks"]
    found = predictor.predict(items)
    right = [one.answers["marks"] == marks(digits.truth[item.id]) for one, item in zip(found, items, strict=True)]
    assert sum(right) / len(right) > 0.6
    artefact = Artefact.load(store.blobs.get(model.blob))
    assert artefact.save() == store.blobs.get(model.blob)


def test_a_choice_is_written_down_with_strategy_and_probability(digits: Digits) -> None:
    with digits.store.database.begin() as tx:
        chosen = service.select(tx, digits.store, digits.project, 25, round=1)
        again = service.select(tx, digits.store, digits.project, 25, round=1)
        told = [
            entry
            for entry in journal.of_project(tx, digits.project.id, limit=200).rows
            if entry.kind == "learning.selected"
        ]
    assert again == chosen
    assert {one.strategy for one in chosen} == {"typical", "random"}
    drawn = [one for one in chosen if one.strategy == "random"]
    assert all(one.probability == pytest.approx(2 / len(digits.ids(TRAIN))) for one in drawn)
    assert all(one.probability is None for one in chosen if one.strategy != "random")
    assert len(told) == 25


def test_nothing_is_chosen_twice(digits: Digits) -> None:
    learn(digits, 30)
    with digits.store.database.begin() as tx:
        service.train(tx, digits.store, digits.project)
        rounds = [
            service.select(tx, digits.store, digits.project, 60, round=n, exclude=digits.ids(TRAIN)[-5:])
            for n in range(1, 7)
        ]
    picked = [one.item_id for chosen in rounds for one in chosen]
    assert len(picked) == len(set(picked))
    assert set(picked) == set(digits.ids(TRAIN)[30:-5])


def test_of_a_large_pool_a_uniform_sample_is_looked_at(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "POOL", 50)
    with digits.store.database.begin() as tx:
        chosen = service.select(tx, digits.store, digits.project, 25, round=1)
    drawn = [one for one in chosen if one.strategy == "random"]
    assert all(one.probability == pytest.approx(2 / len(digits.ids(TRAIN))) for one in drawn)


def test_features_made_otherwise_than_in_training_are_refused(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    learn(digits)
    with digits.store.database.begin() as tx:
        model = service.train(tx, digits.store, digits.project)
        items = data.get_many(tx, digits.ids(TEST)[:1])
        from meguri.learning.features.image_hog import ImageHog

        monkeypatch.setattr(ImageHog, "version", 2)
        with pytest.raises(Conflict) as refused:
            service.load(digits.store, model).predict(items)
        assert refused.value.code == "learning.features_changed"
        assert service.select(tx, digits.store, digits.project, 5, round=9), "selection goes on without the old model"


def test_a_model_that_is_not_there_is_not_found(store: Store) -> None:
    with store.database.read() as tx, pytest.raises(NotFound):
        service.model_version(tx, 77)
