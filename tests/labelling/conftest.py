"""A small project with people in it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.storage.store import Store

QUESTIONS = [{"name": "animal", "type": "choice", "options": ["cat", "dog"]}]


class World:
    """A store with one project, and short words for what tests do with it."""

    def __init__(self, store: Store, **settings: object) -> None:
        self.store = store
        with store.database.begin() as tx:
            self.project_id = labelling.create_project(
                tx, "system", name="Animals", modality="text", questions=QUESTIONS, settings=settings
            ).id

    @property
    def project(self) -> Project:
        with self.store.database.read() as tx:
            return labelling.project(tx, self.project_id)

    def people(self, count: int) -> list[int]:
        def make(tx: Connection) -> list[int]:
            made = [
                accounts.create_person(
                    tx, email=f"p{n}-{self.project_id}@example.org", name=f"P{n}", password=None, role="annotator"
                ).id
                for n in range(count)
            ]
            for person in made:
                accounts.add_member(tx, self.project_id, person, "annotator")
            return made

        return self.run(make)

    def items(self, count: int, prefix: str = "text") -> list[int]:
        project = self.project
        return self.run(
            lambda tx: [
                added.item_id
                for added in data.add(
                    tx, self.store.blobs, project.home, [NewItem(text=f"{prefix} {n}") for n in range(count)], "system"
                )
            ]
        )

    def request(self, items: list[int], reason: str = "selection", **options: object) -> list[int]:
        project = self.project
        return self.run(lambda tx: labelling.request(tx, project, items, reason, **options))  # type: ignore[arg-type]

    def run(self, work: Callable[[Connection], object]):  # type: ignore[no-untyped-def]
        return self.store.database.run(work)

    def lend(self, person: int, reasons: list[str] | None = None, **options: object):  # type: ignore[no-untyped-def]
        return self.run(lambda tx: labelling.lend(tx, person, self.project_id, reasons, **options))  # type: ignore[arg-type]

    def answer(self, person: int, assignment: int, value: str = "cat", seconds: float | None = 1.0):  # type: ignore[no-untyped-def]
        return self.run(lambda tx: labelling.answer(tx, person, assignment, {"animal": value}, seconds))

    def skip(self, person: int, assignment: int) -> None:
        self.run(lambda tx: labelling.skip(tx, person, assignment, "blurred"))

    def undo(self, person: int):  # type: ignore[no-untyped-def]
        return self.run(lambda tx: labelling.undo(tx, person, self.project_id))

    def miscounted(self) -> list[int]:
        with self.store.database.read() as tx:
            return labelling.miscounted(tx, self.project_id)

    def progress(self, reason: str = "selection"):  # type: ignore[no-untyped-def]
        with self.store.database.read() as tx:
            return labelling.progress(tx, self.project_id)[reason]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def make_world(store: Store) -> Callable[..., World]:
    return lambda **settings: World(store, **settings)
