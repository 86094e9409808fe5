"""Answers and imported labels are counted also where no loop does it."""

from typing import Any

from sqlalchemy import Connection

from meguri.formats.service import READ_LABELS
from meguri.kit import clock
from meguri.labelling import service as labelling
from meguri.labelling.model import wake_serial
from meguri.quality import service as quality
from meguri.storage import jobs
from meguri.storage.store import Store

LULL = 3 * clock.SECOND  # without an answer; counting while people answer would make them wait


@jobs.handler(READ_LABELS)
def read_labels(run: jobs.Run) -> dict[str, Any]:
    """Bring the consensus of a project up to date; running it again changes nothing."""
    with run.store.database.begin() as tx:
        project = labelling.project(tx, run.args["project"])
        return {"items": quality.aggregate(tx, project)}


@jobs.tick("formats.read_answers", 5.0)
def read_answers(store: Store) -> None:
    """Have the answers of projects without a loop counted, once people pause."""
    with store.database.read() as tx:
        found = {project: quality.unread_since(tx, project) for project in labelling.unled(tx)}
    due = [project for project, at in found.items() if at is not None and at < clock.now() - LULL]
    if due:
        store.database.run(lambda tx: [_ask(tx, project) for project in due])


def _ask(tx: Connection, project: int) -> int:
    return jobs.wake(tx, READ_LABELS, {"project": project}, serial=wake_serial(project), project=project)
