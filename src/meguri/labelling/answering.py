"""What a person does with a task they were lent: answer it, skip it, take the answer back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.accounts.model import Actor, Right
from meguri.annotation import service as annotations
from meguri.annotation.model import Answers
from meguri.kit import clock
from meguri.kit.errors import Conflict, NotFound
from meguri.labelling import requests
from meguri.labelling.lending import relend
from meguri.labelling.model import (
    ANSWERED,
    EXPIRED,
    MAX_UNDO,
    SETTLE,
    SETTLED,
    SKIPPED,
    Answered,
    Lease,
    Lent,
    lane_of,
)
from meguri.labelling.projects import of_stamp, project
from meguri.labelling.repository import leases as repository
from meguri.labelling.repository import projects as queue
from meguri.labelling.repository import tasks
from meguri.storage import jobs, journal

MAX_WHY = 1_000  # characters of a skip's reason


def answer(
    tx: Connection, who: Actor | int, assignment_id: int, answers: Mapping[str, Any], seconds: float | None = None
) -> Answered:
    """Keep a person's answers to the task they were lent.

    The same answers again are the same annotation. A lease that has run out still counts while its place is
    free. Raises `Invalid` for answers that do not fit the questions, and `Conflict` where other answers were
    given before (`labelling.answered`) or the task is no longer theirs (`labelling.lease_lost`).
    """
    lease = _mine(tx, who, assignment_id)
    asked = of_stamp(tx, lease.project_id, lease.stamp)
    if lease.outcome == ANSWERED:
        return _same_again(tx, lease, asked.schema.check(answers))
    if not lease.live:
        _check_free(tx, lease)
    now = clock.now()
    made = annotations.add(
        tx,
        asked.schema,
        project_id=lease.project_id,
        item_id=lease.item_id,
        task_id=lease.task_id,
        assignment_id=lease.id,
        person_id=lease.person_id,
        reason=lease.reason,
        answers=answers,
        seconds=seconds,
    )
    done = _count(tx, lease, now)
    repository.end(tx, lease.id, ANSWERED, now, annotation=made.id)
    _tell(tx, "labelling.answered", lease, annotation=made.id, seconds=made.seconds)
    _announce(tx, lease, made.id, done)
    return Answered(lease.id, made.id, done)


def skip(tx: Connection, who: Actor | int, assignment_id: int, why: str = "") -> None:
    """Give a task back with a reason; somebody else gets it.

    A task that everybody at work and every annotator and operator of the project has skipped, or as many as
    the project's `give_up_after`, is closed unanswered, so that nothing waits for it for ever.
    """
    lease = _mine(tx, who, assignment_id)
    if lease.outcome == SKIPPED:
        return
    if not lease.live:
        raise _lost(lease)
    now = clock.now()
    asked = of_stamp(tx, lease.project_id, lease.stamp)
    repository.end(tx, lease.id, SKIPPED, now, why=why[:MAX_WHY])
    _tell(tx, "labelling.skipped", lease, why=why[:MAX_WHY])
    repository.hold(tx, lease.task_id)
    place = queue.next_places(tx, lease.project_id, 1)
    repository.free_place(tx, lease.task_id, lane_of(lease.reason, returned=True), place)
    enough = min(asked.settings.give_up_after, len(_labellers(tx, lease.project_id)))
    if lease.cancelled_at is None and repository.skips(tx, lease.task_id) >= enough:
        _give_up(tx, lease, now)


def _labellers(tx: Connection, project_id: int) -> set[int]:
    """Everybody of whom an answer may be expected: engineers only once they have asked for work."""
    members = {
        one.person_id for one in accounts.members(tx, project_id) if one.role != "engineer" and not one.disabled_at
    }
    return members | repository.people_at_work(tx, project_id)


def undo(tx: Connection, who: Actor | int, project_id: int) -> Lent:
    """Take back the person's last answer in the project and lend them its task again, with what they had said.

    Goes back through the last ten answers, one at a time. Raises `Conflict` where there is nothing to undo.
    """
    person_id = _id(who)
    repository.alone(tx, person_id)
    last = annotations.newest_of_person(tx, project_id, person_id, MAX_UNDO)
    lease = None if last is None or last.assignment_id is None else repository.get(tx, last.assignment_id)
    if last is None or lease is None:
        raise Conflict("There is no answer of yours to take back here.", code="labelling.nothing_to_undo")
    asked = project(tx, project_id)
    annotations.retract(tx, last.id, "undo")
    repository.uncount_answer(tx, lease.task_id)
    lent = relend(tx, asked, lease)
    _tell(tx, "labelling.undone", lease, annotation=last.id)
    return Lent(lent.id, lent.task_id, asked, lent.item, lent.reason, lent.expires_at, lent.suggestion, last.answers)


def _id(who: Actor | int) -> int:
    return who.person_id if isinstance(who, Actor) else who


def _mine(tx: Connection, who: Actor | int, assignment_id: int) -> Lease:
    """The person's assignment; on PostgreSQL nobody else changes it until the commit."""
    repository.alone(tx, _id(who))
    lease = repository.get(tx, assignment_id)
    if lease is None:
        raise NotFound(
            f"There is no assignment {assignment_id}.", code="labelling.no_assignment", assignment=assignment_id
        )
    if lease.person_id != _id(who):
        if isinstance(who, Actor):  # a stranger to the project learns nothing about it
            accounts.entitle(tx, who, Right.LABEL, lease.project_id)
        raise _lost(lease)
    return lease


def _lost(lease: Lease) -> Conflict:
    return Conflict(
        "This task is no longer yours: the lease has run out and it was lent anew, or it was given back. "
        "Ask for the next one.",
        code="labelling.lease_lost",
        assignment=lease.id,
    )


def _same_again(tx: Connection, lease: Lease, checked: Answers) -> Answered:
    before = annotations.get(tx, lease.annotation_id or 0)
    if before.answers != checked:
        raise Conflict(
            "This task was already answered, and differently. Undo that answer to change it.",
            code="labelling.answered",
            assignment=lease.id,
            annotation=before.id,
        )
    return Answered(lease.id, before.id, lease.done_at is not None)


def _check_free(tx: Connection, lease: Lease) -> None:
    """A lease that has run out counts as long as its place was not lent anew and the item not otherwise."""
    free = lease.outcome == EXPIRED and lease.open > 0
    if not free or repository.has_other_work(tx, lease.person_id, lease.item_id, but=lease.id):
        raise _lost(lease)


def _count(tx: Connection, lease: Lease, now: int) -> bool:
    """Count the answer in its task; returns whether the task is done now."""
    if lease.live:
        return repository.count_answer(tx, lease.task_id, now) is not None
    free, done_at = repository.count_late_answer(tx, lease.task_id, now)
    if not free:
        raise _lost(lease)
    return done_at is not None


def _announce(tx: Connection, lease: Lease, annotation_id: int, done: bool) -> None:
    """Wake whoever acts on answers: serving for a review, the loop when nothing of the reason waits any more."""
    if lease.reason in SETTLED:
        key = f"{SETTLE}:{lease.task_id}:{annotation_id}"
        jobs.enqueue(tx, SETTLE, {"task": lease.task_id}, key=key, project=lease.project_id)
    if done:
        _wake_if_complete(tx, lease)


def _wake_if_complete(tx: Connection, lease: Lease) -> None:
    """Of two transactions that end the last two tasks at once, the second to hold the queue sees the first's."""
    if tasks.any_pending(tx, lease.project_id, lease.reason):
        if tx.dialect.name == "sqlite" or tasks.many_pending(tx, lease.project_id, lease.reason):
            return
        queue.hold_queue(tx, lease.project_id)
        if tasks.any_pending(tx, lease.project_id, lease.reason):
            return
    requests.wake(tx, lease.project_id)


def _give_up(tx: Connection, lease: Lease, now: int) -> None:
    repository.give_up(tx, lease.task_id, now)
    _tell(tx, "labelling.given_up", lease)
    _wake_if_complete(tx, lease)


def _tell(tx: Connection, kind: str, lease: Lease, **facts: Any) -> None:
    journal.write(
        tx,
        kind,
        f"person:{lease.person_id}",
        project=lease.project_id,
        item=lease.item_id,
        task=lease.task_id,
        assignment=lease.id,
        reason=lease.reason,
        **facts,
    )
