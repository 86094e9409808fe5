"""The door of this room: answers and suggestions are added, never changed."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from meguri.annotation import repository
from meguri.annotation.model import IMPORT, PERSON, Annotation, Answers, LabelSchema, Suggestion
from meguri.kit import clock
from meguri.kit.errors import NotFound
from meguri.kit.paging import Page, clamp, page_of

CHUNK = 1_000
LONGEST_SECONDS = 3_600.0
_END = 1 << 62


def add(
    tx: Connection,
    schema: LabelSchema,
    *,
    project_id: int,
    item_id: int,
    task_id: int | None = None,
    assignment_id: int | None = None,
    person_id: int | None = None,
    source: str = PERSON,
    reason: str = "selection",
    answers: Mapping[str, Any],
    seconds: float | None = None,
) -> Annotation:
    """Keep one person's answers after the schema has checked them; `seconds` beyond an hour count as an hour."""
    row: dict[str, Any] = {
        "project_id": project_id,
        "item_id": item_id,
        "task_id": task_id,
        "assignment_id": assignment_id,
        "person_id": person_id,
        "source": source,
        "reason": reason,
        "answers": schema.check(answers),
        "seconds": None if seconds is None else min(max(seconds, 0.0), LONGEST_SECONDS),
        "created_at": clock.now(),
    }
    return Annotation(id=repository.insert(tx, row), **row)


def add_imported(
    tx: Connection, schema: LabelSchema, project_id: int, rows: Iterable[tuple[int, Mapping[str, Any]]]
) -> int:
    """Keep answers that came with items as `(item_id, answers)`; returns how many.

    They count as the truth. Answers to some of the questions are enough. What an earlier import said of the
    same item is replaced.
    """
    waiting, added = iter(rows), 0
    while chunk := dict(islice(waiting, CHUNK)):
        now = clock.now()
        made = [_imported(schema, project_id, item, answers, now) for item, answers in chunk.items()]
        repository.retract_imported(tx, project_id, list(chunk), now)
        repository.insert_many(tx, made)
        added += len(made)
    return added


def _imported(
    schema: LabelSchema, project_id: int, item_id: int, answers: Mapping[str, Any], now: int
) -> dict[str, Any]:
    asked = LabelSchema(tuple(schema.question(name) for name in answers))
    return {
        "project_id": project_id,
        "item_id": item_id,
        "task_id": None,
        "assignment_id": None,
        "person_id": None,
        "source": IMPORT,
        "reason": IMPORT,
        "answers": asked.check(answers),
        "seconds": None,
        "created_at": now,
    }


def get(tx: Connection, annotation_id: int) -> Annotation:
    """One annotation, standing or retracted."""
    found = repository.get(tx, annotation_id)
    if found is None:
        raise NotFound(f"There is no annotation {annotation_id}.", code="annotation.no_annotation")
    return found


def retract(tx: Connection, annotation_id: int, why: str) -> None:
    """Let an annotation count no longer; `why` is `undo` or `replaced`. The row itself stays."""
    repository.retract(tx, annotation_id, why, clock.now())


def of_items(tx: Connection, project_id: int, item_ids: Sequence[int]) -> dict[int, list[Annotation]]:
    """What stands about each of these items, oldest first; an item without answers has an empty list."""
    found: dict[int, list[Annotation]] = {item: [] for item in item_ids}
    for one in repository.of_items(tx, project_id, item_ids):
        found[one.item_id].append(one)
    return found


def after(tx: Connection, project_id: int, annotation_id: int = 0, limit: int = CHUNK) -> list[Annotation]:
    """Standing annotations in order of id, after `annotation_id`."""
    return repository.after(tx, project_id, annotation_id, limit)


def newest_id(tx: Connection, project_id: int) -> int:
    """The largest annotation id of the project; 0 if there is none."""
    return repository.newest_id(tx, project_id)


def count_after(tx: Connection, project_id: int, annotation_id: int) -> dict[str, int]:
    """`{reason: annotations}` with an id above `annotation_id`, also those that were retracted since."""
    return repository.count_after(tx, project_id, annotation_id)


def of_person(
    tx: Connection, project_id: int, person_id: int, after: int | None = None, limit: int | None = None
) -> Page[Annotation]:
    """A person's standing annotations in a project, newest first; `after` is the last id seen."""
    size = clamp(limit)
    found = repository.of_person(tx, project_id, person_id, after or _END, size + 1)
    page = page_of(found, size, lambda one: one[0].id)
    return Page([one for one, standing in page.rows if standing], page.after)


def newest_of_person(tx: Connection, project_id: int, person_id: int, limit: int) -> Annotation | None:
    """A person's newest standing annotation among their `limit` newest ones of any kind."""
    found = repository.of_person(tx, project_id, person_id, _END, limit)
    return next((one for one, standing in found if standing), None)


def count_of_person(tx: Connection, project_id: int, person_id: int, since: int) -> tuple[int, int]:
    """How many of a person's annotations stand: in all, and since the moment `since`."""
    return repository.count_of_person(tx, project_id, person_id, since)


def retracted_after(tx: Connection, project_id: int, retraction_id: int) -> list[tuple[int, int]]:
    """`(retraction, item)` of every annotation taken back after the retraction `retraction_id`, in order."""
    return repository.retracted_after(tx, project_id, retraction_id)


def activity(tx: Connection, project_id: int) -> dict[int, tuple[int, int]]:
    """`{person: (annotations that stand, moment of the newest)}`."""
    return repository.activity(tx, project_id)


def suggest_many(tx: Connection, project_id: int, rows: Sequence[Suggestion]) -> None:
    """Keep what a model proposes; the same model's proposal for the same question of an item stays as it was."""
    now = clock.now()
    for start in range(0, len(rows), CHUNK):
        repository.suggest_many(tx, [_suggestion(project_id, one, now) for one in rows[start : start + CHUNK]])


def _suggestion(project_id: int, one: Suggestion, now: int) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "item_id": one.item_id,
        "question": one.question,
        "value": one.value,
        "score": one.score,
        "model_version_id": one.model_version_id,
        "created_at": now,
    }


def suggestions(tx: Connection, item_id: int, model_version_id: int | None = None) -> list[Suggestion]:
    """What a model proposed for an item: the one named, else for each question the newest model's."""
    found = repository.suggestions(tx, item_id)
    if model_version_id is not None:
        return [one for one in found if one.model_version_id == model_version_id]
    return list({one.question: one for one in found}.values())


def suggestions_of(tx: Connection, item_ids: Sequence[int], model_version_id: int) -> dict[int, list[Suggestion]]:
    """What one model proposed for each of these items; an item without any is left out."""
    found: dict[int, list[Suggestion]] = {}
    for one in repository.suggestions_of(tx, item_ids, model_version_id):
        found.setdefault(one.item_id, []).append(one)
    return found


__all__ = [
    "Answers",
    "add",
    "add_imported",
    "after",
    "count_after",
    "count_of_person",
    "get",
    "newest_id",
    "newest_of_person",
    "of_items",
    "of_person",
    "retract",
    "suggest_many",
    "suggestions",
    "suggestions_of",
]
