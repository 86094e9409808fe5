"""How each step is done: the heavy part without a transaction, then its effect in a short one.

A step that is killed anywhere leaves nothing behind but caches, for its effect and its record are one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.annotation import service as annotation
from meguri.data import service as data
from meguri.data.model import TEST, TRAIN
from meguri.evaluation import service as evaluation
from meguri.evaluation.model import CHAMPION, Report, outcomes_of
from meguri.kit import clock
from meguri.kit.errors import Invalid
from meguri.kit.ids import canonical
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, SELECTION, Project
from meguri.learning import service as learning
from meguri.loop import repository, suggesting
from meguri.loop.look import Sight
from meguri.loop.model import Step
from meguri.loop.repository import Point
from meguri.quality import service as quality
from meguri.serving.policies.base import Limits, operating_point, route
from meguri.storage import jobs
from meguri.storage.store import Store

Effect = Callable[[Connection], dict[str, Any]]

LOOK_BACK = 1_000  # annotation ids: a transaction that got its id early may have committed late
LARGE = 3_000  # labels from which training gets a process of its own


@dataclass(frozen=True)
class Turn:
    """One step about to be done."""

    store: Store
    sight: Sight
    step: Step
    actor: str

    @property
    def project(self) -> Project:
        return self.sight.project

    @property
    def seed(self) -> int:
        """The same for the same project, so that a step done again is the same step."""
        return int.from_bytes(sha256(self.project.seed.encode()).digest()[:4], "big")


def select(turn: Turn) -> Effect:
    """Let the strategy choose items, and draw locked ones beside them while the gate needs more."""
    count, verify = turn.step.params["count"], turn.step.params["verify"]
    number, project = turn.sight.next_round, turn.project
    with turn.store.database.read() as tx:
        taken = labelling.items_asked(tx, project.id, SELECTION) | labelling.items_asked(tx, project.id, REVIEW)
    view, chosen = learning.select_apart(turn.store, project, count, number, turn.seed, taken)
    drawn = _draw_locked(turn, verify)

    def effect(tx: Connection) -> dict[str, Any]:
        kept = learning.keep_choice(tx, view, chosen)
        details: dict[int, dict[str, Any]] = {
            one.item_id: {"strategy": one.strategy, "probability": one.probability} for one in kept
        }
        left: dict[str, Any] = {"left": view.whole - len(kept), "items": turn.sight.splits.get(TRAIN, 0)}
        return {**_ask(tx, turn, [one.item_id for one in kept], drawn, verify, details), **left}

    return effect


def collect(turn: Turn) -> Effect:
    """Ask for labels of locked items only."""
    count = turn.step.params["count"]
    drawn = _draw_locked(turn, count)
    left: dict[str, Any] = {name: turn.sight.asked[name] for name in ("left", "items") if name in turn.sight.asked}
    return lambda tx: {**_ask(tx, turn, [], drawn, count, {}), **left}


def _draw_locked(turn: Turn, count: int) -> list[int]:
    """Locked items in random order: no strategy and no model has a say, or what is measured on them would be biased."""
    if not count:
        return []
    project = turn.project
    question = learning.headline(project)
    with turn.store.database.read() as tx:
        gone = {label.item_id for label in quality.labels(tx, project.id, question.name, TEST)}
        gone |= labelling.items_asked(tx, project.id, SELECTION)
        free = [item for item in data.ids(tx, project.id, TEST) if item not in gone]
    rng = np.random.default_rng([turn.seed, turn.sight.next_round, 4])
    return [int(item) for item in rng.permutation(np.array(free, np.int64))[:count]]


def _ask(
    tx: Connection,
    turn: Turn,
    chosen: Sequence[int],
    drawn: Sequence[int],
    verify: int,
    details: dict[int, dict[str, Any]],
) -> dict[str, Any]:
    """Ask people about both kinds, evenly mixed, so that the locked labels come in as the round goes on.

    Counts the locked items that were wanted, `verify`, even if fewer could be drawn: nothing is wanted for ever.
    """
    told = {**details, **{item: {"why": "verify"} for item in drawn}}
    places = [((n + 0.5) / len(items), item) for items in (chosen, drawn) for n, item in enumerate(items)]
    mixed = [item for _, item in sorted(places)]
    number = turn.sight.next_round
    labelling.request(tx, turn.project, mixed, SELECTION, round=number, details=told, actor=turn.actor)
    before = turn.sight.asked
    return {
        "round": number,
        "chosen": len(chosen),
        "verify": len(drawn),
        "bought": before.get("bought", 0) + len(chosen),
        "verify_asked": before.get("verify_asked", 0) + verify,
    }


def aggregate(turn: Turn) -> Effect:
    """Make labels of answers, and count them."""

    def effect(tx: Connection) -> dict[str, Any]:
        project = turn.project
        base = max(0, annotation.newest_id(tx, project.id) - LOOK_BACK)
        above = annotation.count_after(tx, project.id, base)  # before reading: what comes meanwhile is read next time
        touched = quality.aggregate(tx, project)
        return {"base": base, "above": above, "touched": touched, **_count(tx, turn)}

    return effect


def _count(tx: Connection, turn: Turn) -> dict[str, Any]:
    project = turn.project
    question = learning.headline(project).name
    train = quality.labels(tx, project.id, question, TRAIN)
    test = quality.labels(tx, project.id, question, TEST)
    values = {label.item_id: canonical(label.value) for label in train}
    asked = labelling.items_asked(tx, project.id, SELECTION)
    return {
        "labels": len(train),
        "answers": sum(label.answers for label in train),
        "classes": len(set(values.values())),
        "fresh": _fresh(tx, turn, question, values),
        "beside": len(values.keys() - learning.selected_items(tx, project.id)),
        "test_labels": len(test),
        "test_answers": sum(label.answers for label in test),
        "test_beside": len({label.item_id for label in test} - asked),
    }


def _fresh(tx: Connection, turn: Turn, question: str, values: dict[int, str]) -> int:
    """Labels that are new or other than those of the newest attempt to train."""
    dataset = turn.sight.train.get("dataset")
    if dataset is None:
        return len(values)
    rows = data.dataset(tx, turn.store.blobs, dataset)
    before = {row["item"]: canonical(row["answers"][question]) for row in rows if question in row["answers"]}
    return sum(1 for item, value in values.items() if before.get(item) != value)


def train(turn: Turn) -> Effect:
    """Learn from everything that is labelled outside the locked split."""
    project = turn.project
    number = max(turn.sight.facts.round, turn.sight.facts.learnt_round + 1)

    def plan(tx: Connection) -> learning.Plan:
        repository.hold(tx, project.id)  # of two who freeze the labels at once the second finds them frozen
        return learning.plan(tx, turn.store, project, round=number, seed=turn.seed, actor=turn.actor)

    given = turn.store.database.run(plan)
    told = {
        "round": number,
        "dataset": given.dataset.id,
        "labels": given.facts["labels"],
        "answers": given.facts["answers"],
    }
    try:
        learnt = learning.study(turn.store, given, jobs.in_subprocess if len(given.items) >= LARGE else None)
    except Invalid as error:
        problem = {"code": error.code, "text": error.detail}
        return lambda tx: {**told, "model": None, "problem": problem}

    def effect(tx: Connection) -> dict[str, Any]:
        made = learning.keep(tx, turn.store, given, learnt)
        return {**told, "model": made.id, "number": made.number, "kappa": learnt.kappa, "problem": None}

    return effect


def evaluate(turn: Turn) -> Effect:
    """Measure the newest model on the locked split, and hear the gates."""
    store, project, model = turn.store, turn.project, turn.sight.facts.model
    assert model is not None
    report = evaluation.measure_apart(store, project, model)
    if turn.sight.facts.champion is not None:
        evaluation.measure_apart(store, project, turn.sight.facts.champion)
    point = operating_point_of(store, project, report)

    def effect(tx: Connection) -> dict[str, Any]:
        said = evaluation.judge(tx, store, project, model)
        if turn.sight.train.get("model") == model:
            repository.put_point(tx, project.id, _point(turn, report, point))
        return {"model": model, "measured_on": report.items, "passed": said.passed, "operating_point": point}

    return effect


def operating_point_of(store: Store, project: Project, report: Report) -> dict[str, Any] | None:
    """What the project's routing would do with the locked items; None where none is labelled."""
    kept = evaluation.details(store, report).get(report.metrics["headline"])
    if kept is None:
        return None
    outcomes = outcomes_of(kept)
    decided = route("threshold", outcomes.scores, Limits(project.settings.threshold))
    return {"threshold": project.settings.threshold, **asdict(operating_point(decided, outcomes.right))}


def _point(turn: Turn, report: Report, point: dict[str, Any] | None) -> Point:
    done, found = turn.sight.train, report.metrics
    accuracy, f1 = found.get("accuracy", {}), found.get("macro_f1", {})
    metrics = {
        "accuracy": accuracy.get("value"),
        "low": accuracy.get("low"),
        "high": accuracy.get("high"),
        "macro_f1": f1.get("value"),
        "automated_share": None if point is None else point["share"],
        "automated_error": None if point is None else point["error"],
        "threshold": turn.project.settings.threshold,
        "test_labels": report.items,
        "kappa": done.get("kappa"),
    }
    return Point(done["round"], done["labels"], done["answers"], report.model_version_id, metrics, clock.now())


def promote(turn: Turn) -> Effect:
    """Move the name `champion`."""
    model = turn.sight.facts.model
    assert model is not None
    why = "It passed the gates."

    def effect(tx: Connection) -> dict[str, Any]:
        evaluation.promote(tx, turn.project.id, model, turn.actor, why)
        return {"model": model, "before": turn.sight.facts.champion}

    return effect


def recalibrate(turn: Turn) -> Effect:
    """After the name moved: measure what routing does now, and have the new model's suggestions made, in shards."""
    store, project, champion = turn.store, turn.project, turn.sight.facts.champion
    assert champion is not None
    point = operating_point_of(store, project, evaluation.measure_apart(store, project, champion))

    def effect(tx: Connection) -> dict[str, Any]:
        if evaluation.alias(tx, project.id, CHAMPION) != champion:
            return {"champion": None}  # it moved again meanwhile; look again
        shards = suggesting.request(tx, project.id, champion, turn.sight.mark)
        return {"champion": champion, "operating_point": point, "shards": shards}

    return effect


WORK: dict[str, Callable[[Turn], Effect]] = {
    "collect": collect,
    "select": select,
    "aggregate": aggregate,
    "train": train,
    "evaluate": evaluate,
    "promote": promote,
    "recalibrate": recalibrate,
}
