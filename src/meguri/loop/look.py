"""Read the facts of a project. Costs a few look-ups, however many items, tasks and answers there are."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from meguri.annotation import service as annotation
from meguri.data import service as data
from meguri.data.model import TEST, TRAIN
from meguri.evaluation import service as evaluation
from meguri.evaluation.model import CHAMPION
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, SELECTION, Progress, Project
from meguri.learning import service as learning
from meguri.learning.stopping.base import History, stopping_criteria
from meguri.loop import repository
from meguri.loop.model import Facts, Why
from meguri.loop.repository import StepRow

ASKING = ("select", "collect")
REMEMBERED = (*ASKING, "aggregate", "train", "recalibrate")
SPENT = ("stopping.budget", "stopping.pool_empty")  # what the loop knows by itself


@dataclass(frozen=True)
class Sight:
    """The facts with what they were read from. `mark` is the newest step: nobody else may have gone on since."""

    project: Project
    facts: Facts
    mark: int
    asked: dict[str, Any]  # what the newest asking left behind
    read: dict[str, Any]  # the newest aggregation
    train: dict[str, Any]  # the newest attempt to train
    splits: dict[str, int]
    reviews: int  # tasks

    @property
    def next_round(self) -> int:
        """The turn after the present one."""
        return self.facts.round + 1


def look(tx: Connection, project: Project) -> Sight:
    """The facts as this transaction sees them.

    On PostgreSQL each statement sees what was committed before it, so the order matters: the mark is read before
    what steps left behind, and what waits before what was answered. A step that is decided on stale facts
    is then one that waits, or one whose mark has passed.
    """
    mark = repository.newest(tx, project.id)
    last = {kind: row for kind in REMEMBERED if (row := repository.newest_of(tx, project.id, kind)) is not None}
    asking = max((last[kind] for kind in ASKING if kind in last), key=lambda row: row.id, default=None)
    asked, read, train = _result(asking), _result(last.get("aggregate")), _result(last.get("train"))
    splits = data.count(tx, project.id)
    reviews = labelling.count_pending(tx, project.id, REVIEW)
    turn = max(int(asked.get("round", 0)), int(train.get("round", 0)))
    known: dict[str, Any] = {
        **_settings(project),
        **_labels(read, _is_news(last)),
        **_answers(tx, project, read, int(asked.get("round", 0))),
        **_model(tx, project, last.get("recalibrate")),
        "items": sum(splits.values()),
        "pool": _pool(splits.get(TRAIN, 0), asked, read, reviews),
        "test_pool": max(0, splits.get(TEST, 0) - asked.get("verify_asked", 0) - read.get("test_beside", 0)),
        "round": turn,
        "bought": int(asked.get("bought", 0)),
        "learnt_round": int(train.get("round", 0)),
        "problem": Why(**train["problem"]) if train.get("problem") else None,
    }
    known["stopping"] = _stopping(tx, project, known)
    return Sight(project, Facts(**known), 0 if mark is None else mark.id, asked, read, train, splits, reviews)


def _result(row: StepRow | None) -> dict[str, Any]:
    return {} if row is None else row.result


def _is_news(last: dict[str, StepRow]) -> bool:
    """Whether answers were read after the newest attempt to train."""
    return "aggregate" in last and ("train" not in last or last["aggregate"].id > last["train"].id)


def _settings(project: Project) -> dict[str, Any]:
    settings = project.settings
    return {
        "batch": settings.batch,
        "budget": settings.budget,
        "min_test_labels": settings.min_test_labels,
        "overlap": settings.overlap,
        "confirm_promotion": settings.confirm_promotion,
    }


def _labels(read: dict[str, Any], news: bool) -> dict[str, Any]:
    return {
        "labels": read.get("labels", 0),
        "classes": read.get("classes", 0),
        "test_labels": read.get("test_labels", 0),
        "fresh": read.get("fresh", 0) if news else 0,
    }


def _pool(items: int, asked: dict[str, Any], read: dict[str, Any], reviews: int) -> int:
    """Items left to choose from: what was neither chosen, nor labelled otherwise, nor waits for a review.

    The newest choice counted them exactly; since then there can only be as many more as were added.
    """
    left = items - asked.get("bought", 0) - read.get("beside", 0) - reviews
    if "left" in asked:
        left = min(left, asked["left"] + items - asked["items"])
    return max(0, int(left))


def _answers(tx: Connection, project: Project, read: dict[str, Any], turn: int) -> dict[str, Any]:
    """What waits, and what was answered since it was last read."""
    pending = labelling.count_pending(tx, project.id, SELECTION)
    now = annotation.count_after(tx, project.id, read.get("base", 0))
    above: dict[str, int] = read.get("above", {})
    fresh = {reason: n - above.get(reason, 0) for reason, n in now.items() if n > above.get(reason, 0)}
    progress = labelling.progress(tx, project.id, turn).get(SELECTION, Progress(0, 0, 0, 0)) if turn else None
    return {
        "unread": sum(fresh.values()),
        "unread_reviews": fresh.get(REVIEW, 0),
        "pending": pending,
        "people": len(labelling.people_at_work(tx, project.id)),
        "answers_given": 0 if progress is None else progress.answers_given,
        "answers_wanted": 0 if progress is None else progress.answers_wanted,
    }


def _model(tx: Connection, project: Project, calibrated: StepRow | None) -> dict[str, Any]:
    """The newest model, what is known of it, and the one in production."""
    champion = evaluation.alias(tx, project.id, CHAMPION)
    told = {"champion": champion, "calibrated": champion is None or _result(calibrated).get("champion") == champion}
    newest = learning.newest(tx, project.id)
    if newest is None:
        return told
    report = evaluation.report(tx, newest.id)
    said = evaluation.verdict(tx, project.id, newest.id)
    acted = any(move.model_version_id == newest.id for move in evaluation.history(tx, project.id))
    # A verdict beside a champion that is one no longer says nothing; the model is judged again.
    stands = said is not None and (acted or said.champion_id == champion)
    refused = next((one for one in said.reasons if not one["passed"]), None) if said is not None else None
    return {
        **told,
        "model": newest.id,
        "number": newest.number,
        "measured_on": None if report is None else report.items,
        "passed": said.passed if said is not None and stands else None,
        "refusal": None if refused is None else Why(refused["gate"], refused["text"]),
        "acted": acted,
    }


def _stopping(tx: Connection, project: Project, known: dict[str, Any]) -> Why | None:
    if project.settings.stopping == "budget":
        return None  # the loop's own rules
    kappas = tuple(
        point.metrics["kappa"] for point in repository.points(tx, project.id) if point.metrics.get("kappa") is not None
    )
    history = History(known["bought"], project.settings.budget, known["pool"], kappas)
    reason = stopping_criteria[project.settings.stopping].done(history)
    return None if reason is None or reason.code in SPENT else Why(reason.code, reason.text)
