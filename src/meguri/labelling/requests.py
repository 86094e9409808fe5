"""The one door for human work: every task there is was asked for here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from meguri.data import service as data
from meguri.kit import clock
from meguri.kit.errors import Invalid, NotFound
from meguri.labelling.model import (
    MAX_OVERLAP,
    REASONS,
    SELECTION,
    URGENCY,
    WAKE,
    Progress,
    Project,
    Task,
    lane_of,
    overlap_of,
    wake_serial,
)
from meguri.labelling.repository import projects as queue
from meguri.labelling.repository import tasks as repository
from meguri.storage import jobs, journal

Details = Mapping[str, Any]
AHEAD_ROUND = -1  # of items that nobody chose (see `ahead`)


def request(
    tx: Connection,
    project: Project,
    items: Sequence[int],
    reason: str,
    *,
    round: int = 0,
    overlap: int | None = None,
    details: Details | Mapping[int, Details] | None = None,
    actor: str = "system",
) -> list[int]:
    """Ask people about items, in this order; returns the ids of the new tasks.

    An item that already waits for the same reason is not asked about twice. `overlap` is how many different
    people answer (by default the project's, for a selection; 1 for a second look). `details` is what the caller
    wants to find in the task again: one mapping for all, or `{item id: mapping}`. The ids must be the project's.
    """
    wanted = overlap_of(reason, project.settings) if overlap is None else overlap
    _check(reason, wanted)
    if reason == SELECTION and round != AHEAD_ROUND:
        end_asking_ahead(tx, project.id, actor)
    first = queue.next_places(tx, project.id, len(items))  # from here on nobody else asks
    waiting = repository.items_pending(tx, project.id, reason, items)
    fresh = [item for item in dict.fromkeys(items) if item not in waiting]
    told = _by_item(fresh, details or {})
    common = {
        "project_id": project.id,
        "reason": reason,
        "round": round,
        "overlap": wanted,
        "answers": 0,
        "open": wanted,
        "lane": lane_of(reason),
        "created_at": clock.now(),
    }
    rows = [{**common, "item_id": item, "place": first + n, "details": told[item]} for n, item in enumerate(fresh)]
    made = repository.insert(tx, rows)
    if made:
        _tell(tx, project.id, actor, reason, round, wanted, made, fresh)
    return made


def to_request(tx: Connection, project: Project, items: Sequence[int] | None, reason: str) -> list[int]:
    """The items to ask about by hand: these, or with None every one that was never asked about for this reason.

    Raises `NotFound` that names items which are not the project's. Ask about many of them in several transactions
    (`request` of a part at a time), so that nobody's answer has to wait for all.
    """
    known = data.ids(tx, project.id)
    if items is None:
        asked = repository.items_asked(tx, project.id, reason)
        return [one for one in known if one not in asked]
    strange = sorted(set(items).difference(known))
    if strange:
        raise NotFound(
            f"There is no item {strange[0]} in this project.",
            code="data.no_item",
            where=[{"field": "items", "item": one, "problem": "not in this project"} for one in strange[:20]],
            item=strange[0],
        )
    return list(items)


def cancel(tx: Connection, project: Project, reason: str, actor: str = "system") -> int:
    """End every waiting task of a reason; returns how many. Who holds one may still answer it."""
    now = clock.now()
    ended = repository.cancel(tx, project.id, reason, now)
    if ended:
        journal.write(tx, "labelling.cancelled", actor, project=project.id, reason=reason, tasks=len(ended))
        wake(tx, project.id)
    return len(ended)


def end_asking_ahead(tx: Connection, project_id: int, actor: str = "system") -> None:
    """From now on somebody says what is labelled; what was asked ahead and nobody began is taken back."""
    if queue.asked_to(tx, project_id) is None:
        return
    queue.set_asked_to(tx, project_id, None)
    ended = repository.cancel_untouched(tx, project_id, SELECTION, AHEAD_ROUND, clock.now())
    if ended:
        journal.write(tx, "labelling.cancelled", actor, project=project_id, reason=SELECTION, tasks=ended)


def pending(tx: Connection, project_id: int, reason: str) -> bool:
    """Whether a task of this reason waits for answers; costs the same however many there are."""
    return repository.any_pending(tx, project_id, reason)


def tasks_pending(tx: Connection, project_id: int, reason: str, items: Sequence[int]) -> dict[int, int]:
    """`{item: task}` of those items that wait for answers for a reason."""
    return repository.tasks_pending(tx, project_id, reason, items)


def waiting_of(tx: Connection, item_ids: Sequence[int]) -> set[int]:
    """Those of the items that wait for answers, for whatever reason."""
    return repository.waiting_of(tx, item_ids)


def items_waiting(tx: Connection, project_id: int, most: int) -> list[int] | None:
    """The items that wait for answers, rising; None where more than `most` tasks wait."""
    found = repository.some_waiting(tx, project_id, most + 1)
    return None if len(found) > most else sorted(set(found))


def count_pending(tx: Connection, project_id: int, reason: str) -> int:
    """How many tasks of a reason wait for answers; costs nothing for those that are done."""
    return repository.count_pending(tx, project_id, reason)


def progress(tx: Connection, project_id: int, round: int | None = None) -> dict[str, Progress]:
    """How far the tasks of each reason are, in one round of the loop or in all."""
    found = repository.progress(tx, project_id, round)
    return {reason: found[reason] for reason in URGENCY if reason in found}


def task(tx: Connection, task_id: int) -> Task:
    """One task, or `NotFound`."""
    found = repository.get(tx, task_id)
    if found is None:
        raise NotFound(f"There is no task {task_id}.", code="labelling.no_task", task=task_id)
    return found


def tasks(tx: Connection, task_ids: Sequence[int]) -> dict[int, Task]:
    """Tasks by id; those that do not exist are left out."""
    return {one.id: one for one in repository.get_many(tx, task_ids)}


def task_page(
    tx: Connection,
    project_id: int,
    reasons: Sequence[str] = (),
    *,
    pending: bool | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Task]:
    """Tasks in order of id, after an id: the waiting ones, the ended ones, or both."""
    return repository.page(tx, project_id, reasons, pending, after, limit)


def items_asked(tx: Connection, project_id: int, reason: str) -> set[int]:
    """The items that were ever asked about for a reason, cancelled tasks left out."""
    return repository.items_asked(tx, project_id, reason)


def wake(tx: Connection, project_id: int) -> None:
    """Have the loop look at the project after this transaction."""
    jobs.wake(tx, WAKE, {"project": project_id}, serial=wake_serial(project_id), project=project_id)


def _check(reason: str, overlap: int) -> None:
    if reason not in REASONS:
        raise Invalid(
            f"{reason!r} is no reason to ask people; there are: {', '.join(URGENCY)}.", code="labelling.no_reason"
        )
    if not 1 <= overlap <= MAX_OVERLAP:
        raise Invalid(f"overlap must be between 1 and {MAX_OVERLAP}.", code="labelling.overlap")


def _by_item(items: Sequence[int], details: Mapping[Any, Any]) -> dict[int, dict[str, Any]]:
    each = bool(details) and all(isinstance(key, int) for key in details)
    return {item: dict(details.get(item, {})) if each else dict(details) for item in items}


def _tell(
    tx: Connection,
    project_id: int,
    actor: str,
    reason: str,
    of_round: int,
    overlap: int,
    made: Sequence[int],
    items: Sequence[int],
) -> None:
    """One row for a single task, which the item's life then shows; one row for a whole batch."""
    single = len(made) == 1
    journal.write(
        tx,
        "labelling.requested",
        actor,
        project=project_id,
        item=items[0] if single else None,
        task=made[0] if single else None,
        reason=reason,
        round=of_round,
        overlap=overlap,
        tasks=len(made),
        first=made[0],
        last=made[-1],
    )
