"""Work that nobody chose: until the loop or a person says what is labelled, whoever wants work gets the next items.

So a project with items has work from its first minute on, and one that never starts its loop is labelled from the first
item to the last, as in any labelling tool.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from meguri.annotation import service as annotations
from meguri.data import service as data
from meguri.data.model import ItemFilter
from meguri.labelling.model import SELECTION, Project
from meguri.labelling.repository import projects as queue
from meguri.labelling.repository import tasks as repository
from meguri.labelling.requests import AHEAD_ROUND, request

AHEAD = 64  # items asked about at a time, so that not everybody who wants work pays for the asking
LOOK = 128  # items looked at in one go
LOOKS = 16  # in one call; those who come after it go on from there


def is_unled(tx: Connection, project_id: int) -> bool:
    """Whether nobody has ever said what is labelled. Nobody else asks ahead until the commit."""
    return queue.asked_to(tx, project_id) is not None


def ask_ahead(tx: Connection, project: Project) -> bool:
    """Ask about the next items that nobody was asked about and that bring no label; whether there were any."""
    after = queue.asked_to(tx, project.id)
    if after is None:
        return False
    for _ in range(LOOKS):
        seen = data.page_ids(tx, project.id, ItemFilter(), after, LOOK)
        if not seen:
            break
        fresh = _unasked(tx, project, seen)[:AHEAD]
        after = fresh[-1] if len(fresh) == AHEAD else seen[-1]
        if fresh:
            request(tx, project, fresh, SELECTION, round=AHEAD_ROUND)
            break
    else:
        fresh = []
    queue.set_asked_to(tx, project.id, after)
    return bool(seen and fresh)


def _unasked(tx: Connection, project: Project, items: Sequence[int]) -> list[int]:
    asked = repository.asked_among(tx, SELECTION, items)
    labelled = {item for item, given in annotations.of_items(tx, project.id, items).items() if given}
    return [item for item in items if item not in asked and item not in labelled]


def unled(tx: Connection) -> list[int]:
    """The projects for which nobody has ever said what is labelled."""
    return queue.unled(tx)
