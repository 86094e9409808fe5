"""Annotations and suggestions are kept, found and taken back on both databases."""

from typing import Any

import pytest
from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.annotation import service
from meguri.annotation.model import LabelSchema, Suggestion
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.kit.errors import Invalid, NotFound
from meguri.labelling import service as labelling
from meguri.storage.store import Store

QUESTIONS = [
    {"name": "animal", "type": "choice", "options": ["cat", "dog"]},
    {"name": "size", "type": "choice", "options": ["big", "small"]},
]
SCHEMA = LabelSchema.from_json(QUESTIONS)


class Room:
    """A project with two items and a person."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.database.run(self._fill)

    def _fill(self, tx: Connection) -> None:
        project = labelling.create_project(tx, "system", name="P", modality="text", questions=QUESTIONS)
        self.project = project.id
        self.person = accounts.create_person(tx, email="a@example.org", name="A", password=None, role="annotator").id
        new = [NewItem(text=text) for text in ("one", "two")]
        self.items = [added.item_id for added in data.add(tx, self.store.blobs, project.home, new, "system")]

    def run(self, work: Any) -> Any:
        return self.store.database.run(work)

    def add(self, item: int, animal: str = "cat", **more: Any) -> Any:
        answers = {"animal": animal, "size": "big"}
        given = {"project_id": self.project, "item_id": item, "person_id": self.person, "answers": answers, **more}
        return self.run(lambda tx: service.add(tx, SCHEMA, **given))

    def of(self, *items: int) -> Any:
        return self.run(lambda tx: service.of_items(tx, self.project, items or self.items))


@pytest.fixture
def room(store: Store) -> Room:
    return Room(store)


def test_an_annotation_is_found_by_item_person_and_id(room: Room) -> None:
    made = room.add(room.items[0], seconds=3.0)
    assert room.of() == {room.items[0]: [made], room.items[1]: []}
    assert room.run(lambda tx: service.get(tx, made.id)) == made
    assert room.run(lambda tx: service.of_person(tx, room.project, room.person)).rows == [made]
    assert room.run(lambda tx: service.newest_id(tx, room.project)) == made.id
    with pytest.raises(NotFound):
        room.run(lambda tx: service.get(tx, 10**6))


def test_what_does_not_fit_is_not_kept(room: Room) -> None:
    with pytest.raises(Invalid):
        room.add(room.items[0], animal="horse")
    assert room.run(lambda tx: service.newest_id(tx, room.project)) == 0


def test_time_is_kept_within_reason(room: Room) -> None:
    assert [room.add(room.items[0], seconds=given).seconds for given in (-1.0, 10.0, 10.0**9, None)] == [
        0.0,
        10.0,
        3_600.0,
        None,
    ]


def test_a_retracted_annotation_stays_but_counts_no_more(room: Room) -> None:
    first, second = room.add(room.items[0]), room.add(room.items[0], animal="dog")
    room.run(lambda tx: service.retract(tx, second.id, "undo"))
    assert room.of(room.items[0]) == {room.items[0]: [first]}
    assert room.run(lambda tx: service.newest_of_person(tx, room.project, room.person, 10)) == first
    assert room.run(lambda tx: service.newest_of_person(tx, room.project, room.person, 1)) is None
    assert room.run(lambda tx: service.after(tx, room.project)) == [first]
    assert room.run(lambda tx: service.count_of_person(tx, room.project, room.person, 0)) == (1, 1)


def test_annotations_are_read_in_pages_in_order_of_id(room: Room) -> None:
    made = [room.add(item).id for item in room.items * 2]
    first = room.run(lambda tx: service.after(tx, room.project, 0, 3))
    rest = room.run(lambda tx: service.after(tx, room.project, first[-1].id, 3))
    assert [one.id for one in first + rest] == made


def test_an_import_may_answer_some_questions_and_replaces_an_earlier_import(room: Room) -> None:
    mine = room.add(room.items[0])
    for animal in ("cat", "dog"):
        rows = [(item, {"animal": animal}) for item in room.items]
        assert room.run(lambda tx, rows=rows: service.add_imported(tx, SCHEMA, room.project, rows)) == 2
    found = room.of()
    assert [one.answers for one in found[room.items[1]]] == [{"animal": "dog"}]
    assert [(one.source, one.reason) for one in found[room.items[0]]] == [("person", mine.reason), ("import", "import")]
    with pytest.raises(Invalid):
        room.run(lambda tx: service.add_imported(tx, SCHEMA, room.project, [(room.items[0], {"colour": "red"})]))


def test_suggestions_of_the_newest_model_are_shown_and_none_is_lost(room: Room) -> None:
    item = room.items[0]
    old, new = Suggestion(item, "animal", "cat", 0.6, 1), Suggestion(item, "animal", "dog", 0.9, 2)
    other = Suggestion(item, "size", "big", 0.5, 1)
    for batch in ([old, other], [new], [Suggestion(item, "animal", "cat", 0.1, 2)]):
        room.run(lambda tx, batch=batch: service.suggest_many(tx, room.project, batch))
    assert set(room.run(lambda tx: service.suggestions(tx, item))) == {new, other}
    assert set(room.run(lambda tx: service.suggestions(tx, item, 1))) == {old, other}
    assert room.run(lambda tx: service.suggestions_of(tx, room.items, 2)) == {item: [new]}
