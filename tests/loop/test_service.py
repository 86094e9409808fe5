"""The loop is driven by facts alone: killed anywhere, asked twice, paused or changed midway, it goes the same way."""

import threading
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from tests.worlds import (
    QUESTION,
    answer_all,
    answer_one,
    import_texts,
    labelled_texts,
    person,
    served_project,
    text_project,
)

from meguri.accounts.model import Actor
from meguri.annotation import service as annotation
from meguri.data import service as data
from meguri.data.model import TEST, TRAIN, NewItem
from meguri.evaluation import service as evaluation
from meguri.evaluation.model import CHAMPION
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, SELECTION, Project
from meguri.learning import service as learning
from meguri.loop import repository, service, steps
from meguri.loop.model import Facts, next_step
from meguri.serving import service as serving
from meguri.storage import jobs
from meguri.storage.store import Store

BOSS = Actor(1, "Boss", "owner")


def fresh_project(store: Store, n: int = 120, **settings: Any) -> tuple[Project, int]:
    """A project with unlabelled texts, and somebody who labels them."""
    project = text_project(store, **{"batch": 10, "min_test_labels": 10, "budget": 30, **settings})
    import_texts(store, project, labelled_texts(n), labelled=False)
    jobs.run_pending(store)
    return project, person(store, project, "aoi")


def start(store: Store, project: Project) -> None:
    store.database.run(lambda tx: service.start(tx, project.id, "person:1"))
    jobs.run_pending(store)


def known(store: Store, project: Project) -> Facts:
    with store.database.read() as tx:
        return service.facts(tx, project)


def code(store: Store, project: Project) -> str:
    return next_step(known(store, project)).code


def done(store: Store, project: Project) -> list[str]:
    """The steps of a project, oldest first."""
    with store.database.read() as tx:
        return [row.step for row in repository.steps(tx, project.id, None, 500)][::-1]


def test_an_empty_project_waits_for_items_and_goes_on_when_some_come(store: Store) -> None:
    project = text_project(store)
    start(store, project)
    assert code(store, project) == "loop.wait.items"
    import_texts(store, project, labelled_texts(30), labelled=False)
    jobs.run_pending(store)
    assert code(store, project) == "loop.wait.answers"


def test_a_round_asks_for_what_the_strategy_chose_and_for_locked_items_drawn_at_random(store: Store) -> None:
    project, _ = fresh_project(store)
    start(store, project)
    with store.database.read() as tx:
        tasks = labelling.task_page(tx, project.id, [SELECTION])
        split = {item.id: item.split for item in data.get_many(tx, [task.item_id for task in tasks])}
    why = {task.item_id: task.details.get("why") for task in tasks}
    assert [split[item] for item, told in why.items() if told == "verify"] == [TEST] * 5
    assert [split[item] for item, told in why.items() if told is None] == [TRAIN] * 10
    assert all("strategy" in task.details for task in tasks if why[task.item_id] is None)
    positions = [place for place, task in enumerate(tasks) if why[task.item_id] == "verify"]
    assert positions[0] < 4, "they are spread over the round"
    assert positions[-1] > 10


def test_locked_labels_are_not_counted_as_bought(store: Store) -> None:
    project, aoi = fresh_project(store)
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    facts = known(store, project)
    assert (facts.labels, facts.test_labels, facts.bought) == (10, 5, 20), "the second round is asked for"
    with store.database.read() as tx:
        (point,) = service.curve(tx, project.id)
    assert (point.labels, point.answers, point.metrics["test_labels"]) == (10, 10, 5)


def test_it_goes_round_until_the_budget_is_spent_and_never_beyond(store: Store) -> None:
    project, aoi = fresh_project(store, budget=25)
    start(store, project)
    for _ in range(6):
        answer_all(store, project, aoi, SELECTION)
        jobs.run_pending(store)
    facts = known(store, project)
    assert code(store, project) == "loop.stop.budget"
    assert (facts.labels, facts.bought) == (25, 25)
    with store.database.read() as tx:
        assert [point.labels for point in service.curve(tx, project.id)] == [10, 20, 25]
        assert evaluation.alias(tx, project.id, CHAMPION) is not None
        labelled = learning.selected_items(tx, project.id)
        assert labelled.isdisjoint(data.ids(tx, project.id, TEST))


def test_where_the_budget_is_spent_before_the_gate_can_judge_locked_labels_are_still_asked_for(store: Store) -> None:
    project, aoi = fresh_project(store, budget=10, min_test_labels=15)
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    assert "collect" in done(store, project)
    assert known(store, project).passed is False
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    assert known(store, project).test_labels == 15
    assert known(store, project).passed is True, "the model was heard again"
    assert code(store, project) == "loop.stop.budget"


def test_one_class_only_asks_for_more_until_there_are_two(store: Store) -> None:
    project, aoi = fresh_project(store)
    start(store, project)
    while answer_one(store, project, aoi, SELECTION, "sport"):
        pass
    jobs.run_pending(store)
    with store.database.read() as tx:
        assert repository.newest_of(tx, project.id, "select").code == "loop.select.one_class"  # type: ignore[union-attr]
    assert "train" not in done(store, project)
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    assert "train" in done(store, project)


def test_training_that_fails_is_told_and_labelling_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from meguri.kit.errors import Invalid

    def broken(*args: Any) -> None:
        raise Invalid("Nothing could be learnt.", code="learning.broken")

    project, aoi = fresh_project(store)
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    monkeypatch.setattr(steps.learning, "study", broken)
    jobs.run_pending(store)
    with store.database.read() as tx:
        asked = repository.newest_of(tx, project.id, "select")
    assert asked is not None
    assert (asked.code, asked.params["problem"]) == ("loop.select.problem", "learning.broken")
    monkeypatch.undo()
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    assert known(store, project).model is not None


def test_a_paused_loop_rests_and_one_step_is_one_step(store: Store) -> None:
    project, aoi = fresh_project(store)
    start(store, project)
    store.database.run(lambda tx: service.pause(tx, project.id, "person:1"))
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    assert service.watch(store) == 0
    assert done(store, project) == ["select", "wait"]
    for expected in ("aggregate", "train"):
        store.database.run(lambda tx: service.step_once(tx, project.id))
        jobs.run_pending(store)
        assert done(store, project)[-1] == expected
    start(store, project)
    assert done(store, project)[-1] == "wait"


def test_settings_changed_midway_count_from_the_next_step(store: Store) -> None:
    project, aoi = fresh_project(store, budget=10, min_test_labels=5)
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    assert code(store, project) == "loop.stop.budget"
    changes = {"budget": 16, "batch": 50}
    store.database.run(lambda tx: labelling.change_project(tx, BOSS, project.id, settings=changes))
    assert service.watch(store) == 1
    jobs.run_pending(store)
    assert code(store, project) == "loop.wait.answers"
    assert (known(store, project).bought, known(store, project).pending) == (16, 6)


def test_a_confirmed_promotion_waits_for_a_person_and_then_goes_on(store: Store) -> None:
    project, aoi = fresh_project(store, min_test_labels=5, confirm_promotion=True, gates={})
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    jobs.run_pending(store)
    facts = known(store, project)
    if facts.passed is False:
        pytest.fail(f"the first model of this world should pass: {facts.refusal}")
    assert code(store, project) == "loop.wait.confirm"
    assert facts.champion is None
    store.database.run(lambda tx: evaluation.promote(tx, project.id, facts.model or 0, "person:1", "Looks good."))
    assert service.watch(store) == 1
    jobs.run_pending(store)
    assert "recalibrate" in done(store, project)
    assert code(store, project) == "loop.wait.answers"


class Killed(BaseException):
    """As a kill would end it."""


@pytest.mark.parametrize("victim", ["select", "aggregate", "train", "evaluate", "promote", "recalibrate"])
def test_killed_before_its_record_a_step_leaves_nothing_and_is_done_again(
    store: Store, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, aoi = fresh_project(store, min_test_labels=5)
    store.database.run(lambda tx: service.start(tx, project.id, "person:1"))
    keep = service._insert
    deaths: list[str] = []

    def dying(tx: Any, sight: Any, step: Any, *rest: Any) -> None:
        keep(tx, sight, step, *rest)
        if step.name == victim and not deaths:
            deaths.append(step.name)
            raise Killed

    monkeypatch.setattr(service, "_insert", dying)
    for _ in range(40):
        before = known(store, project)
        try:
            step = service.advance(store, project.id)
        except Killed:
            now = known(store, project)  # a report that was kept by itself is found again
            assert replace(now, measured_on=before.measured_on) == before, "what the step did is gone with its record"
            continue
        if step.name == "wait" and not answer_all(store, project, aoi, SELECTION):
            break
        if step.name == "stop":
            break
    assert deaths == [victim]
    told = done(store, project)
    assert told[:5] == ["select", "wait", "aggregate", "train", "evaluate"]
    facts = known(store, project)
    assert (facts.labels, facts.bought, facts.number) == (30, 30, 3)
    with store.database.read() as tx:
        assert len(labelling.task_page(tx, project.id, [SELECTION], limit=500)) == 35


def test_too_few_people_for_the_overlap_is_said(store: Store) -> None:
    project, aoi = fresh_project(store, overlap=2)
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    assert code(store, project) == "loop.wait.people"
    answer_all(store, project, person(store, project, "ben"), SELECTION)
    jobs.run_pending(store)
    assert known(store, project).labels == 10


def test_two_at_once_do_a_step_once(store: Store) -> None:
    project, aoi = fresh_project(store)
    store.database.run(lambda tx: service.start(tx, project.id, "person:1"))
    barrier = threading.Barrier(4)

    def go() -> None:
        barrier.wait()
        service.advance(store, project.id)

    for _ in range(3):
        threads = [threading.Thread(target=go) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answer_all(store, project, aoi, SELECTION)
    told = done(store, project)
    assert told.count("select") == 1
    assert [name for name, again in pairwise(told) if name == again] == []


def test_nothing_is_forgotten_though_every_wake_was_lost(store: Store) -> None:
    project, aoi = fresh_project(store)
    start(store, project)
    answer_all(store, project, aoi, SELECTION)
    from meguri.storage.tables import job

    store.database.run(lambda tx: tx.execute(job.delete().where(job.c.state == "queued")))
    assert service.watch(store) == 1
    assert service.watch(store) == 1
    jobs.run_pending(store)
    assert code(store, project) == "loop.wait.answers"
    assert known(store, project).labels == 10
    assert service.watch(store) == 0


def test_answers_that_come_late_are_read_though_their_number_is_smaller(store: Store) -> None:
    """On PostgreSQL a transaction that began early may commit after one whose answers were read."""
    if store.database.is_sqlite:
        return  # one writer at a time: there is no early and late
    project, _ = fresh_project(store)
    with store.database.read() as tx:
        first, second, *_ = data.ids(tx, project.id, TRAIN)

    def label(tx: Any, item: int) -> None:
        annotation.add_imported(tx, project.schema, project.id, [(item, {QUESTION: "sport"})])

    with store.database.engine.connect() as early, early.begin():
        label(early, first)
        store.database.run(lambda tx: label(tx, second))
        assert service.advance(store, project.id).name == "aggregate"
        assert known(store, project).labels == 1
    assert known(store, project).unread == 1
    assert service.advance(store, project.id).name == "aggregate"
    assert known(store, project).labels == 2


def test_suggestions_of_the_champion_cover_everything_unlabelled_outside_the_locked_split(store: Store) -> None:
    project = served_project(store)
    import_texts(store, project, labelled_texts(40, seed=3), labelled=False)
    champion = known(store, project).champion
    assert champion is not None
    store.database.run(lambda tx: steps.suggesting.request(tx, project.id, champion, 1))
    jobs.run_pending(store)
    with store.database.read() as tx:
        train, test = data.ids(tx, project.id, TRAIN), data.ids(tx, project.id, TEST)
        said = annotation.suggestions_of(tx, train + test, champion)
        asked = known(store, project)
    assert asked.labels + len(said) == len(train)
    assert not set(said) & set(test)


def test_reviews_are_learnt_from_while_the_loop_rests(store: Store) -> None:
    project = served_project(store, threshold=0.999999)
    operator = person(store, project, "emi", "operator")
    before = known(store, project)
    assert next_step(before).name == "stop"
    new = [NewItem(text=text) for text, _ in labelled_texts(12, seed=8, doubt=0.4)]
    asked = sum(one.decision == "review" for one in serving.predict(store, project.id, new, "person:1"))
    assert asked >= 5
    answer_all(store, project, operator, REVIEW)
    service.watch(store)
    jobs.run_pending(store)
    after = known(store, project)
    assert after.number == before.number + 1
    assert after.labels == before.labels + asked
    assert "loop.train.reviews" in {row.code for row in _rows(store, project)}


def _rows(store: Store, project: Project) -> list[repository.StepRow]:
    with store.database.read() as tx:
        return repository.steps(tx, project.id, None, 500)
