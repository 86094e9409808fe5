"""Lending: the next task for a person, at a cost that does not grow with tasks or answers.

Tasks stand in lanes, at rising places. A person has a cursor in each lane: every task up to it was seen by them,
is full, or is done, and need never be looked at again. A task that gets a free place back also gets a fresh place
behind every cursor. So each task is passed once by each person, and lending is a look into an index that holds
open tasks only, beyond the cursor.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import NamedTuple

from sqlalchemy import Connection

from meguri.accounts.model import Actor
from meguri.annotation import service as annotations
from meguri.data import service as data
from meguri.kit import clock
from meguri.kit.errors import Conflict, NotFound
from meguri.labelling import requests
from meguri.labelling.ahead import ask_ahead, is_unled
from meguri.labelling.assignment.base import AssignmentPolicy, Candidate, assignment_policies
from meguri.labelling.model import (
    EXPIRED,
    MAX_HELD,
    REASONS,
    SELECTION,
    Lease,
    Lent,
    Project,
    lane_of,
    lanes_of,
    reason_of,
)
from meguri.labelling.projects import check_active, of_stamp
from meguri.labelling.repository import leases as repository
from meguri.labelling.repository import projects as queue
from meguri.labelling.repository.leases import Waiting
from meguri.storage import journal

REAP = 16  # leases that one call may bring back
REAP_EVERY = 1.0  # seconds between two looks for expired leases while there is other work
WORTH_NOTING = 4  # seen tasks to read past before a cursor is moved
FAR = 256  # places to read past before a cursor is moved

_last_reaped: dict[str, float] = {}


class _Taken(NamedTuple):
    """A task of which one place is now ours."""

    task_id: int
    item_id: int
    reason: str


@dataclass
class _Reader:
    """One person reading through the lanes. Cursors are written at the very end (see `repository.leases`)."""

    tx: Connection
    project_id: int
    person_id: int
    lanes: Sequence[int]
    policy: AssignmentPolicy
    busy: list[Waiting] = field(default_factory=list)  # what other transactions are at
    moves: dict[int, int] = field(default_factory=dict)  # lane → place
    barred: set[int] = field(default_factory=set)  # lanes in which something busy was passed

    def take(self, *, patient: bool) -> _Taken | None:
        """Take one place of the next task; None: there is nothing for this person.

        The patient wait in the end for what others are at, for there may be room for more than one.
        """
        past = (-1, -1)
        while window := self._look(past):
            rows = list(takewhile(lambda row: row.lane == window[0].lane, window))
            taken = self._take_of(rows)
            if taken is not None:
                return _taken(taken)
            past = (rows[0].lane, rows[-1].place)
        waited = (row for row in self.busy if patient and repository.take_patiently(self.tx, row.task_id))
        return next(map(_taken, waited), None)

    def write_cursors(self) -> None:
        for lane, place in sorted(self.moves.items()):
            repository.move_cursor(self.tx, self.person_id, self.project_id, lane, place)

    def _look(self, past: tuple[int, int]) -> list[Waiting]:
        size = self.policy.window
        return repository.window(self.tx, self.person_id, self.project_id, self.lanes, past, size)

    def _take_of(self, rows: Sequence[Waiting]) -> Waiting | None:
        usable = {row.task_id: row for row in rows if not row.seen}
        if not usable:
            self._move(rows[0].lane, rows[-1].place)
            return None
        taken = repository.take(self.tx, self._ordered(list(usable.values())))
        if taken is None:
            self.busy.extend(usable.values())
            self.barred.add(rows[0].lane)
            return None
        self._pass(rows, [row for row in usable.values() if row.task_id != taken])
        return usable[taken]

    def _ordered(self, usable: Sequence[Waiting]) -> list[int]:
        candidates = [Candidate(row.task_id, row.item_id, row.place, row.overlap, row.answers) for row in usable]
        return [one.task_id for one in self.policy.order(candidates, self.person_id)]

    def _pass(self, rows: Sequence[Waiting], left: Sequence[Waiting]) -> None:
        """Move the cursor up to the first usable task left behind, when that spares enough reading."""
        end = left[0].place - 1 if left else rows[-1].place
        if sum(row.seen for row in rows if row.place <= end) >= WORTH_NOTING or end - rows[0].read_to >= FAR:
            self._move(rows[0].lane, end)

    def _move(self, lane: int, place: int) -> None:
        if lane not in self.barred:
            self.moves[lane] = place


def lend(
    tx: Connection,
    who: Actor | int,
    project_id: int,
    reasons: Iterable[str] | None = None,
    *,
    holding: Collection[int] | None = None,
    hold: int = MAX_HELD,
    task_id: int | None = None,
) -> Lent | None:
    """Lend a person the next task of these reasons (of all when None); None where there is none for them.

    Nobody gets an item twice, whatever for, unless their lease of it ran out. A caller that says which
    assignments it is `holding` gets back first what it holds without knowing (the page was reloaded), and
    nothing once it holds `hold`. `task_id` asks for one certain task. Raises `Conflict` for somebody who
    holds far too many.
    """
    person_id = who.person_id if isinstance(who, Actor) else who
    wanted = REASONS if reasons is None else frozenset(reasons)
    repository.alone(tx, person_id)
    project, held = _project(tx, project_id, person_id)
    if holding is not None and held:
        forgotten = _forgotten(tx, project, person_id, wanted, holding, task_id)
        if forgotten is not None:
            return forgotten
    if held >= hold:
        _check_held(held)
        return None
    if task_id is None:
        return _lend_next(tx, project, person_id, wanted)
    certain = _take_certain(tx, project, person_id, task_id)
    return None if certain is None else _lease(tx, project, person_id, certain)


def relend(tx: Connection, project: Project, lease: Lease) -> Lent:
    """Lend what the person already has for another full term."""
    now = clock.now()
    until = _until(project, now)
    repository.renew(tx, lease.id, now, until)
    return _lent(tx, project, lease.id, _Taken(lease.task_id, lease.item_id, lease.reason), until)


def bring_back(tx: Connection, project_id: int, size: int = REAP) -> int:
    """End leases whose deadline has passed and let everybody meet their tasks anew; returns how many."""
    now = clock.now()
    ended = repository.expired(tx, project_id, now, size)
    if not ended:
        return 0
    # Who let a lease run out may have passed other tasks of the item because they held it.
    beside = set(repository.siblings(tx, list({one.item_id for one in ended})))
    beside -= {(one.task_id, one.reason) for one in ended}
    places = count(queue.next_places(tx, project_id, len(ended) + len(beside)))
    for task, reason in sorted(beside):
        repository.move(tx, task, lane_of(reason, returned=True), next(places))
    for one in ended:
        repository.end(tx, one.id, EXPIRED, now)
        repository.free_place(tx, one.task_id, lane_of(one.reason, returned=True), next(places))
    journal.write_many(tx, [_told_expired(project_id, one) for one in ended])
    return len(ended)


def _project(tx: Connection, project_id: int, person_id: int) -> tuple[Project, int]:
    found = queue.at_work(tx, project_id, person_id)
    if found is None:
        raise NotFound(f"There is no project {project_id}.", code="not_found", project=project_id)
    project = of_stamp(tx, project_id, found.stamp)
    check_active(project)
    return project, found.held


def _forgotten(
    tx: Connection,
    project: Project,
    person_id: int,
    reasons: Collection[str],
    holding: Collection[int],
    task_id: int | None,
) -> Lent | None:
    for lease in repository.held(tx, person_id, project.id):
        if lease.id not in holding and lease.reason in reasons and task_id in (None, lease.task_id):
            return relend(tx, project, lease)
    return None


def _check_held(held: int) -> None:
    if held >= MAX_HELD:
        raise Conflict(
            f"You hold {held} tasks of this project; answer or skip some of them first.",
            code="labelling.too_many_held",
            held=held,
        )


def _lend_next(tx: Connection, project: Project, person_id: int, reasons: frozenset[str]) -> Lent | None:
    policy = assignment_policies[project.settings.assignment]
    reader = _Reader(tx, project.id, person_id, lanes_of(reasons), policy)
    taken = reader.take(patient=True)
    if taken is None and repository.start_reading(tx, person_id, project.id):
        taken = reader.take(patient=True)
    if taken is None and bring_back(tx, project.id):
        taken = reader.take(patient=False)  # we hold the queue now
    if taken is None and SELECTION in reasons and is_unled(tx, project.id):
        taken = reader.take(patient=False)  # we hold the queue now: somebody may have asked before us
        if taken is None and ask_ahead(tx, project):
            taken = reader.take(patient=False)
    lent = None if taken is None else _lease(tx, project, person_id, taken)
    if lent is not None and _is_time(project):
        bring_back(tx, project.id)
    reader.write_cursors()
    return lent


def _take_certain(tx: Connection, project: Project, person_id: int, task_id: int) -> _Taken | None:
    wanted = requests.task(tx, task_id)
    if wanted.project_id != project.id:
        raise NotFound(f"There is no task {task_id} in this project.", code="labelling.no_task", task=task_id)
    if repository.has_other_work(tx, person_id, wanted.item_id, but=0):
        return None
    mine = repository.take_patiently(tx, task_id)
    if not mine and bring_back(tx, project.id):
        mine = repository.take(tx, [task_id]) is not None  # we hold the queue now
    return _Taken(task_id, wanted.item_id, wanted.reason) if mine else None


def _lease(tx: Connection, project: Project, person_id: int, taken: _Taken) -> Lent:
    now = clock.now()
    row = {
        "project_id": project.id,
        "task_id": taken.task_id,
        "item_id": taken.item_id,
        "person_id": person_id,
        "lent_at": now,
        "expires_at": _until(project, now),
    }
    return _lent(tx, project, repository.lend(tx, row), taken, row["expires_at"])


def _lent(tx: Connection, project: Project, lease_id: int, taken: _Taken, until: int) -> Lent:
    suggestion = [] if project.settings.blind else annotations.suggestions(tx, taken.item_id)
    item = data.get(tx, project.id, taken.item_id)
    return Lent(lease_id, taken.task_id, project, item, taken.reason, until, suggestion)


def _until(project: Project, now: int) -> int:
    return now + project.settings.lease_seconds * clock.SECOND


def _taken(row: Waiting) -> _Taken:
    return _Taken(row.task_id, row.item_id, reason_of(row.lane))


def _is_time(project: Project) -> bool:
    """Whether this process has not looked for expired leases for a while; nothing but delay depends on it."""
    now = time.monotonic()
    if now - _last_reaped.get(project.seed, 0.0) < REAP_EVERY:
        return False
    _last_reaped[project.seed] = now
    return True


def _told_expired(project_id: int, one: repository.Expired) -> dict[str, object]:
    return {
        "kind": "labelling.expired",
        "actor": f"person:{one.person_id}",
        "project_id": project_id,
        "item_id": one.item_id,
        "task_id": one.task_id,
        "facts": {"assignment": one.id, "reason": one.reason},
    }
