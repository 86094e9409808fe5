"""The door of this room: outputs are decided on, doubtful ones go to people, what people say comes back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from meguri.annotation import service as annotation
from meguri.annotation.model import LabelSchema
from meguri.data import service as data
from meguri.data.entry import preparer
from meguri.data.model import TRAIN, NewItem, Prepared
from meguri.evaluation import service as evaluation
from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.kit.paging import Page, clamp, page_of
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, Project
from meguri.learning import service as learning
from meguri.quality import service as quality
from meguri.serving import webhooks
from meguri.serving.deciding import check_can_be_shown, decide
from meguri.serving.model import SOURCES, Decision, Outcome, Output
from meguri.serving.outputs import OwnOutput, checked
from meguri.serving.policies.base import Limits
from meguri.serving.repository import decisions as repository
from meguri.storage import journal
from meguri.storage.store import Store

CHAMPION = "champion"
NOTHING = float("nan")  # the score of an output that is none

__all__ = [
    "counts",
    "decide",
    "decide_outputs",
    "decision",
    "decisions",
    "decisions_of_item",
    "decisions_of_reviews",
    "outcome",
    "predict",
    "settle",
]


def prepared(store: Store, project: Project, new: Iterable[NewItem]) -> list[Prepared]:
    """Check items and keep their content, outside of any transaction. Production items are training items.

    The locked split is a uniform draw from what was imported. Among production items people label the doubtful
    ones only; in the locked split those would make every model look worse than it is.
    """
    prepare = preparer(store.blobs, project.home)
    return [prepare(one, row)._replace(split=TRAIN) for row, one in enumerate(new, start=1)]


def predict(
    store: Store, project_id: int, new: Sequence[NewItem | Prepared], actor: str, *, due: int | None = None
) -> list[Decision]:
    """The champion's answer to each item, and what is done with it, in order.

    The same item asked again of the same model is the same decision, so a client may try again after a
    failure. `due` is the moment by which the client needs people's answers, in milliseconds.
    """
    with store.database.read() as tx:
        project = labelling.project(tx, project_id)
        champion = evaluation.alias(tx, project_id, CHAMPION)
    ids = enter(store, project, new, actor)
    outputs = _predicted(store, champion, ids, [one.key for one in new])
    return store.database.run(lambda tx: decide(tx, project, outputs, champion, actor, due=due))


def decide_outputs(
    store: Store, project_id: int, rows: Sequence[OwnOutput], actor: str, *, due: int | None = None
) -> list[Decision]:
    """The same for outputs of a model of the client's own. A person can only look at what is here or sent along."""
    with store.database.read() as tx:
        project = labelling.project(tx, project_id)
        known = data.find_keys(tx, project_id, [row.key for row in rows if row.key is not None])
    outputs = checked(project.schema, rows)
    shown = [row.item is not None or output.key in known for row, output in zip(rows, outputs, strict=True)]
    check_can_be_shown(outputs, shown, Limits(project.settings.threshold))  # before anything is written
    brought = {place: row.item for place, row in enumerate(rows) if row.item is not None}
    entered = dict(zip(brought, enter(store, project, list(brought.values()), actor), strict=True))
    located = [
        replace(output, item_id=entered.get(place, known.get(output.key or ""))) for place, output in enumerate(outputs)
    ]
    return store.database.run(lambda tx: decide(tx, project, located, None, actor, due=due))


def enter(store: Store, project: Project, new: Sequence[NewItem | Prepared], actor: str) -> list[int]:
    """Add items as training items; their ids in order."""
    fresh = iter(prepared(store, project, [one for one in new if isinstance(one, NewItem)]))
    rows = [next(fresh) if isinstance(one, NewItem) else one._replace(split=TRAIN) for one in new]

    def add(tx: Connection) -> list[int]:
        return [one.item_id for chunk in data.add_prepared(tx, project.home, rows, actor) for one in chunk]

    return store.database.run(add) if rows else []


def _predicted(store: Store, champion: int | None, ids: Sequence[int], keys: Sequence[str | None]) -> list[Output]:
    """What the champion says; nothing where there is no champion."""
    if champion is None:
        return [Output({}, NOTHING, None, item, key) for item, key in zip(ids, keys, strict=True)]
    with store.database.read() as tx:
        items = data.get_many(tx, ids)
        version = learning.model_version(tx, champion)
    answers = learning.load(store, version).predict(items)
    return [
        Output(one.answers, one.score if one.answers else NOTHING, one.probabilities, item, key)
        for one, item, key in zip(answers, ids, keys, strict=True)
    ]


def decision(tx: Connection, decision_id: int) -> Decision:
    """One decision with its newest outcome, or `NotFound`."""
    found = repository.get(tx, decision_id)
    if found is None:
        raise NotFound(f"There is no decision {decision_id}.", code="serving.no_decision")
    return found


def decisions(
    tx: Connection, project_id: int, kind: str | None = None, after: int | None = None, limit: int | None = None
) -> Page[Decision]:
    """A project's decisions in order of id; of one kind, or of all."""
    size = clamp(limit)
    return page_of(repository.page(tx, project_id, kind, after or 0, size + 1), size, lambda one: one.id)


def decisions_of_item(tx: Connection, item_id: int) -> list[Decision]:
    """Everything that was decided about an item, oldest first."""
    return repository.of_item(tx, item_id)


def decisions_of_reviews(tx: Connection, task_ids: Sequence[int]) -> dict[int, Decision]:
    """The decision that each of these review tasks is about; tasks without one are left out."""
    return repository.of_reviews(tx, task_ids)


def counts(tx: Connection, project_id: int) -> dict[str, int]:
    """`{decision: how many}`; costs the same however many there are."""
    return repository.counts(tx, project_id)


def settle(tx: Connection, task_id: int) -> int:
    """Let an answered review decide: its outcome is written and told. Returns how many decisions got a new outcome.

    Runs again after every answer to the task; an answer that was taken back and given differently is a new outcome.
    """
    waiting = repository.of_review(tx, task_id)
    task = labelling.task(tx, task_id)
    if not waiting or task.done_at is None:
        return 0
    project = labelling.project(tx, task.project_id)
    quality.aggregate(tx, project, item_ids=[task.item_id])
    agreed = quality.consensus(tx, [task.item_id])[task.item_id]
    answers = {name: one.value for name, one in agreed.items()}
    newest = max((one.id for one in annotation.of_items(tx, project.id, [task.item_id])[task.item_id]), default=None)
    fresh = [one for one in waiting if one.outcome is None or one.outcome.answers != answers]
    told = [(one, _keep(tx, one, answers, "review", "system", newest, task_id)) for one in fresh]
    webhooks.put_out(tx, told)
    return len(told)


def outcome(
    tx: Connection, decision_id: int, source: str, answers: dict[str, Any] | None, person_id: int, why: str = ""
) -> Decision:
    """What became known of a decision later. With `answers` it is the truth, and is learnt from; without, people look.

    `source` is `report`, `appeal` or `return`. The same outcome again changes nothing.
    """
    found = decision(tx, decision_id)
    if source not in SOURCES[1:]:
        raise Invalid(f"source must be one of: {', '.join(SOURCES[1:])}.", code="serving.bad_source")
    if answers is None:
        _look_again(tx, found, source, why, f"person:{person_id}")
        return decision(tx, decision_id)
    project = labelling.project(tx, found.project_id)
    told = LabelSchema(tuple(project.schema.question(name) for name in answers)).check(answers)
    if not told:
        raise Invalid("The outcome answers no question.", code="serving.empty_outcome")
    if found.outcome is None or (found.outcome.answers, found.outcome.source) != (told, source):
        made = _learn(tx, project, found, told, person_id)
        _keep(tx, found, told, source, f"person:{person_id}", made, None, why)
    return decision(tx, decision_id)


def _look_again(tx: Connection, found: Decision, source: str, why: str, actor: str) -> None:
    if found.item_id is None:
        raise Conflict(
            "Nobody can look at this output, for its content was not sent along. Send the answers instead.",
            code="serving.no_content",
        )
    project = labelling.project(tx, found.project_id)
    details = {"decision": found.id, "source": source, "why": why}
    made = labelling.request(tx, project, [found.item_id], REVIEW, details=details, actor=actor)
    task = made[0] if made else labelling.tasks_pending(tx, project.id, REVIEW, [found.item_id])[found.item_id]
    repository.set_reviews(tx, {found.id: task})


def _learn(tx: Connection, project: Project, found: Decision, told: dict[str, Any], person_id: int) -> int | None:
    """Where the outcome answers everything that must be answered it is an annotation like any other."""
    missing = [one.name for one in project.schema.questions if one.required and one.name not in told]
    if found.item_id is None or missing:
        return None
    made = annotation.add(
        tx,
        project.schema,
        project_id=project.id,
        item_id=found.item_id,
        person_id=person_id,
        reason=REVIEW,
        answers=told,
    )
    return made.id


def _keep(
    tx: Connection,
    found: Decision,
    answers: dict[str, Any],
    source: str,
    actor: str,
    annotation_id: int | None,
    task_id: int | None,
    why: str = "",
) -> Outcome:
    values = {
        "decision_id": found.id,
        "answers": answers,
        "source": source,
        "actor": actor,
        "annotation_id": annotation_id,
        "created_at": clock.now(),
    }
    made = Outcome(repository.insert_outcome(tx, values), **values)  # type: ignore[arg-type]
    journal.write(
        tx,
        "serving.outcome",
        actor,
        project=found.project_id,
        item=found.item_id,
        task=task_id,
        model_version=found.model_version_id,
        decision=found.id,
        answers=answers,
        source=source,
        why=why,
    )
    return made
