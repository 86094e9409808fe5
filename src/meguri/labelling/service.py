"""The door of this room: projects, the one door for human work (`request`), and what people do with it."""

from sqlalchemy import Connection

from meguri.annotation import service as annotations
from meguri.annotation.model import Annotation
from meguri.kit import clock
from meguri.kit.paging import Page
from meguri.labelling.ahead import unled
from meguri.labelling.answering import answer, skip, undo
from meguri.labelling.lending import bring_back, lend
from meguri.labelling.model import Pace
from meguri.labelling.projects import (
    archive_project,
    change_project,
    check_active,
    create_project,
    project,
    projects,
    read_settings,
    role_in,
)
from meguri.labelling.repository.leases import miscounted, people_at_work
from meguri.labelling.requests import (
    cancel,
    count_pending,
    end_asking_ahead,
    items_asked,
    items_waiting,
    pending,
    progress,
    request,
    task,
    task_page,
    tasks,
    tasks_pending,
    to_request,
    waiting_of,
    wake,
)

PACE_OVER = 50  # answers

__all__ = [
    "answer",
    "archive_project",
    "bring_back",
    "cancel",
    "change_project",
    "check_active",
    "count_pending",
    "create_project",
    "end_asking_ahead",
    "items_asked",
    "items_waiting",
    "lend",
    "mine",
    "miscounted",
    "pace",
    "pending",
    "people_at_work",
    "progress",
    "project",
    "projects",
    "read_settings",
    "request",
    "role_in",
    "skip",
    "task",
    "task_page",
    "tasks",
    "tasks_pending",
    "to_request",
    "undo",
    "unled",
    "waiting_of",
    "wake",
]


def mine(
    tx: Connection, person_id: int, project_id: int, after: int | None = None, limit: int | None = None
) -> Page[Annotation]:
    """A person's own answers, newest first; `after` is the last annotation id seen."""
    return annotations.of_person(tx, project_id, person_id, after, limit)


def pace(tx: Connection, person_id: int, project_id: int) -> Pace:
    """How much a person has answered, and how fast they were lately."""
    midnight = clock.now() // clock.DAY * clock.DAY
    total, today = annotations.count_of_person(tx, project_id, person_id, midnight)
    recent = annotations.of_person(tx, project_id, person_id, limit=PACE_OVER).rows
    return Pace.of(total, today, [one.seconds for one in recent if one.seconds is not None])
