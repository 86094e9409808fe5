"""Simulated people who answer through the same calls as real ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.labelling import service as labelling
from meguri.labelling.model import Lent, Project
from meguri.storage.store import Store

Truth = Callable[[int], Mapping[str, Any]]
Wrong = Callable[[Mapping[str, Any], np.random.Generator], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Character:
    """How somebody answers: right with probability `accuracy`, and later than others with probability `late`."""

    name: str
    accuracy: float = 1.0
    late: float = 0.0


class Crowd:
    """Some simulated people who are members of one project, and what they have answered."""

    def __init__(self, store: Store, project: Project, people: Mapping[int, Character], seed: int) -> None:
        """`people`: characters by the number of their account."""
        self._store = store
        self._project = project
        self.people = people
        self._rng = np.random.default_rng(seed)
        self._held: list[tuple[int, Lent]] = []
        self.answers = 0

    @classmethod
    def hire(
        cls, store: Store, project: Project, characters: Sequence[Character], seed: int, role: str = "annotator"
    ) -> "Crowd":
        """Create an account for each character and make it a member of the project."""

        def enrol(tx: Connection, number: int, character: Character) -> int:
            address = f"{character.name.lower().replace(' ', '-')}-{number}-{project.id}@simulated.invalid"
            person = accounts.create_person(tx, email=address, name=character.name, password=None, role=role)
            accounts.add_member(tx, project.id, person.id, role)
            return person.id

        people = {
            store.database.run(partial[int](enrol, number=number, character=character)): character
            for number, character in enumerate(characters)
        }
        return cls(store, project, people, seed)

    def work(
        self,
        truth: Truth,
        wrong: Wrong,
        reasons: Sequence[str] | None = None,
    ) -> int:
        """Answer whatever is waiting until nothing is; returns the number of answers given.

        `truth` knows the right answers of an item, `wrong` makes other ones. Everybody takes one task at a time in
        turn; who is late keeps it while the others go on, and answers in the end.
        """
        before = self.answers
        busy = True
        while busy or self._held:
            busy = False
            for person, character in self.people.items():
                lent = self._lend(person, reasons)
                if lent is None:
                    continue
                busy = True
                if self._rng.random() < character.late:
                    self._held.append((person, lent))
                else:
                    self._answer(person, lent, truth, wrong)
            if not busy:
                for person, lent in self._held:
                    self._answer(person, lent, truth, wrong)
                busy = bool(self._held)
                self._held = []
        return self.answers - before

    def _lend(self, person: int, reasons: Sequence[str] | None) -> Lent | None:
        return self._store.database.run(lambda tx: labelling.lend(tx, person, self._project.id, reasons))

    def _answer(self, person: int, lent: Lent, truth: Truth, wrong: Wrong) -> None:
        character = self.people[person]
        right = truth(lent.item.id)
        answers = dict(right if self._rng.random() < character.accuracy else wrong(right, self._rng))
        seconds = float(self._rng.lognormal(0.5, 0.4))
        self._store.database.run(lambda tx: labelling.answer(tx, person, lent.id, answers, seconds))
        self.answers += 1
