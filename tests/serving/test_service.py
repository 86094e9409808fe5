"""Outputs are decided on once, doubtful ones go to people in the same breath, and what people say comes back."""

from dataclasses import replace

import pytest
from tests.worlds import QUESTION, answer_all, answer_one, labelled_texts, person, served_project, text_project

from meguri.accounts.model import Actor
from meguri.annotation import service as annotation
from meguri.data import service as data
from meguri.data.model import TRAIN, NewItem
from meguri.evaluation import service as evaluation
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, Project
from meguri.serving import service
from meguri.serving.model import Decision, Output
from meguri.serving.outputs import OwnOutput
from meguri.serving.repository import decisions as repository
from meguri.storage import jobs, journal
from meguri.storage.store import Store

SURE = NewItem(key="sure", text="goal match team win league coach stadium player")
TORN = NewItem(key="torn", text="goal vote")


def settings_of(store: Store, project: Project, **settings: object) -> None:
    boss = Actor(1, "Boss", "owner")
    store.database.run(lambda tx: labelling.change_project(tx, boss, project.id, settings=settings))


def read(store: Store, decision: Decision) -> Decision:
    with store.database.read() as tx:
        return service.decision(tx, decision.id)


def test_without_a_model_in_production_nothing_is_said_and_nobody_is_asked(store: Store) -> None:
    project = text_project(store)
    (decision,) = service.predict(store, project.id, [SURE], "person:1")
    assert (decision.decision, decision.answer, decision.review_id) == ("abstain", {}, None)
    with store.database.read() as tx:
        assert not labelling.pending(tx, project.id, REVIEW)
        assert data.get(tx, project.id, decision.item_id or 0).text == SURE.text, "but the item is there to be labelled"


def test_the_sure_goes_out_and_the_doubtful_goes_to_people(store: Store) -> None:
    project = served_project(store, threshold=0.9)
    sure, torn = service.predict(store, project.id, [SURE, TORN], "person:1", due=99)
    assert (sure.decision, sure.answer, sure.review_id) == ("automate", {QUESTION: "sport"}, None)
    assert torn.decision == "review"
    assert torn.review_id is not None
    with store.database.read() as tx:
        task = labelling.task(tx, torn.review_id)
        life = journal.of_item(tx, torn.item_id or 0).rows
        assert service.counts(tx, project.id) == repository.recount(tx, project.id) == {"automate": 1, "review": 1}
    assert (task.item_id, task.reason) == (torn.item_id, REVIEW)
    assert task.details == {"decision": torn.id, "due": 99}
    assert {entry.kind for entry in life} >= {"serving.decided", "labelling.requested"}
    assert [entry.policy for entry in life if entry.kind == "serving.decided"] == ["threshold"]


def test_a_client_that_tries_again_gets_the_same_decision(store: Store) -> None:
    project = served_project(store, threshold=0.9)
    first = service.predict(store, project.id, [SURE, TORN, SURE], "person:1")
    again = service.predict(store, project.id, [TORN, SURE], "person:1")
    assert first[0] == first[2]
    assert {one.id for one in again} == {one.id for one in first}
    with store.database.read() as tx:
        assert sum(service.counts(tx, project.id).values()) == 2
        assert len(labelling.task_page(tx, project.id, [REVIEW])) == 1


def test_another_threshold_is_another_decision(store: Store) -> None:
    project = served_project(store, threshold=0.9)
    (before,) = service.predict(store, project.id, [TORN], "person:1")
    settings_of(store, project, threshold=0.0)
    (after,) = service.predict(store, project.id, [TORN], "person:1")
    assert (before.decision, after.decision) == ("review", "automate")
    assert before.item_id == after.item_id


def test_what_production_brings_never_enters_the_locked_split(store: Store) -> None:
    project = served_project(store, test_share=0.5)
    new = [NewItem(text=text) for text, _ in labelled_texts(30, seed=5)]
    decisions = service.predict(store, project.id, new, "person:1")
    with store.database.read() as tx:
        assert {item.split for item in data.get_many(tx, [one.item_id or 0 for one in decisions])} == {TRAIN}


def test_a_review_answers_the_decision_and_an_answer_taken_back_is_settled_anew(store: Store) -> None:
    project = served_project(store, threshold=0.9)
    operator = person(store, project, "emi", "operator")
    (torn,) = service.predict(store, project.id, [TORN], "person:1")
    answer_one(store, project, operator, REVIEW, "sport")
    jobs.run_pending(store)
    settled = read(store, torn).outcome
    assert settled is not None
    assert (settled.answers, settled.source) == ({QUESTION: "sport"}, "review")

    again = store.database.run(lambda tx: labelling.undo(tx, operator, project.id))
    store.database.run(lambda tx: labelling.answer(tx, operator, again.id, {QUESTION: "politics"}, 1.0))
    jobs.run_pending(store)
    changed = read(store, torn).outcome
    assert changed is not None
    assert changed.answers == {QUESTION: "politics"}
    assert store.database.run(lambda tx: service.settle(tx, torn.review_id or 0)) == 0, "settled is settled"


def test_a_model_that_moves_is_followed_at_once(store: Store) -> None:
    project = served_project(store, threshold=0.9)
    (before,) = service.predict(store, project.id, [SURE], "person:1")
    with store.database.read() as tx:
        champion = evaluation.alias(tx, project.id, "champion")
    assert before.model_version_id == champion
    operator = person(store, project, "emi", "operator")
    torn = [NewItem(text=f"goal vote v{n}") for n in range(12)]
    service.predict(store, project.id, torn, "person:1")
    answer_all(store, project, operator, REVIEW)
    jobs.run_pending(store)  # learns again
    with store.database.read() as tx:
        newest = max(evaluation.reports(tx, project.id))
    store.database.run(lambda tx: evaluation.promote(tx, project.id, newest, "person:1", "Trying it.", force=True))
    (after,) = service.predict(store, project.id, [SURE], "person:1")
    assert after.model_version_id == newest != champion


def test_outputs_of_a_clients_own_model_are_routed_the_same_way(store: Store) -> None:
    project = text_project(store, threshold=0.9)
    rows = [
        OwnOutput("a", "sport", 0.95),
        OwnOutput("b", {QUESTION: "politics"}, None, {"politics": 0.6, "sport": 0.4}, NewItem(key="b", text="vote")),
    ]
    sure, torn = service.decide_outputs(store, project.id, rows, "person:1")
    assert (sure.decision, sure.item_id, sure.key, sure.model_version_id) == ("automate", None, "a", None)
    assert (torn.decision, torn.score) == ("review", 0.6)
    again = service.decide_outputs(store, project.id, [rows[0], OwnOutput("b", "politics", 0.6)], "person:1")
    assert [one.id for one in again] == [sure.id, torn.id], "an item that is here is known by its key"


def test_what_a_person_must_see_has_to_be_sent_along(store: Store) -> None:
    project = text_project(store, threshold=0.9)
    rows = [OwnOutput("a", "sport", 0.95), OwnOutput("b", "sport", 0.3)]
    with pytest.raises(Invalid) as refused:
        service.decide_outputs(store, project.id, rows, "person:1")
    assert [place["row"] for place in refused.value.where] == [2]
    with store.database.read() as tx:
        assert service.counts(tx, project.id) == {}, "nothing half-done stays"


def test_a_truth_told_later_is_an_outcome_and_a_label(store: Store) -> None:
    project = served_project(store)
    client = person(store, project, "client", "operator")
    (sure,) = service.predict(store, project.id, [SURE], "person:1")

    def tell() -> Decision:
        return store.database.run(
            lambda tx: service.outcome(tx, sure.id, "report", {QUESTION: "politics"}, client, "A customer said so.")
        )

    told = tell()
    assert told.outcome is not None
    assert (told.outcome.answers, told.outcome.actor) == ({QUESTION: "politics"}, f"person:{client}")
    assert tell().outcome == told.outcome, "the same outcome again changes nothing"
    with store.database.read() as tx:
        (label,) = annotation.of_items(tx, project.id, [sure.item_id or 0])[sure.item_id or 0]
    assert (label.reason, label.answers) == (REVIEW, {QUESTION: "politics"})


def test_an_appeal_without_an_answer_has_a_person_look(store: Store) -> None:
    project = served_project(store)
    client = person(store, project, "client", "operator")
    (sure,) = service.predict(store, project.id, [SURE], "person:1")
    appealed = store.database.run(lambda tx: service.outcome(tx, sure.id, "appeal", None, client, "It is not."))
    assert appealed.review_id is not None
    answer_one(store, project, client, REVIEW, "politics")
    jobs.run_pending(store)
    assert (outcome := read(store, sure).outcome)
    assert (outcome.source, outcome.answers) == ("review", {QUESTION: "politics"})


def test_nobody_can_look_at_what_is_not_here(store: Store) -> None:
    project = text_project(store, threshold=0.5)
    (own,) = service.decide_outputs(store, project.id, [OwnOutput("a", "sport", 0.95)], "person:1")
    with pytest.raises(Conflict):
        store.database.run(lambda tx: service.outcome(tx, own.id, "appeal", None, 1))
    with pytest.raises(NotFound), store.database.read() as tx:
        service.decision(tx, 12345)


def test_two_decisions_on_one_item_share_the_review_that_waits(store: Store) -> None:
    project = served_project(store, threshold=0.9)
    (torn,) = service.predict(store, project.id, [TORN], "person:1")
    own = Output({QUESTION: "sport"}, 0.2, None, torn.item_id, "torn")
    (other,) = store.database.run(lambda tx: service.decide(tx, project, [own], None, "person:1"))
    assert other.id != torn.id
    assert other.review_id == torn.review_id
    answer_one(store, project, person(store, project, "emi", "operator"), REVIEW, "sport")
    jobs.run_pending(store)
    assert read(store, torn).outcome is not None
    assert read(store, other).outcome is not None
    assert replace(read(store, other), outcome=None).answer == {QUESTION: "sport"}
