"""A small project of real handwritten digits, for the tests of several rooms."""

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy import Connection

from meguri.accounts import people
from meguri.annotation import service as annotations
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.storage.store import Store

OPTIONS = [str(digit) for digit in range(10)]
QUESTION = {"name": "digit", "type": "choice", "options": OPTIONS}


@cache
def pngs() -> tuple[tuple[bytes, str], ...]:
    """scikit-learn's digits as PNG files with their labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    made = []
    for image, label in zip(found.images, found.target, strict=True):
        out = io.BytesIO()
        Image.fromarray((image * 15.9).astype(np.uint8)).save(out, "PNG")
        made.append((out.getvalue(), str(label)))
    return tuple(made)


class Digits:
    """A project with some digits in it, and people who answer at once."""

    def __init__(self, store: Store, n: int = 300, questions: Sequence[dict[str, Any]] = (QUESTION,), **settings: Any):
        self.store = store
        with store.database.begin() as tx:
            self.project: Project = labelling.create_project(
                tx, "system", name="Digits", modality="image", questions=questions, settings=settings, seed="fixed"
            )
            new = [NewItem(f"d{i}", content=png, meta={"half": str(i % 2)}) for i, (png, _) in enumerate(pngs()[:n])]
            added = data.add(tx, store.blobs, self.project.home, new, "system")
            self.people = [
                people.create_person(tx, email=f"p{i}@example.org", name=f"P{i}", password=None, role="annotator").id
                for i in range(4)
            ]
        self.truth = {one.item_id: label for one, (_, label) in zip(added, pngs()[:n], strict=True)}

    def ids(self, split: str) -> list[int]:
        with self.store.database.read() as tx:
            return data.ids(tx, self.project.id, split)

    def answer(
        self,
        items: Sequence[int],
        person: int = 0,
        say: Callable[[int], Any] | None = None,
        reason: str = "selection",
        tx: Connection | None = None,
    ) -> None:
        """One person answers the first question about each item, truly unless `say` says otherwise."""
        name = self.project.schema.questions[0].name

        def work(tx: Connection) -> None:
            for item in items:
                annotations.add(
                    tx,
                    self.project.schema,
                    project_id=self.project.id,
                    item_id=item,
                    person_id=self.people[person],
                    reason=reason,
                    answers={name: (say or self.truth.__getitem__)(item)},
                )

        if tx is not None:
            work(tx)
            return
        with self.store.database.begin() as fresh:
            work(fresh)

    def learn_all(self, train: int = 120) -> None:
        """The whole test split and some training items get true labels by import."""
        items = self.ids("test") + self.ids("train")[:train]
        name = self.project.schema.questions[0].name
        with self.store.database.begin() as tx:
            rows = [(item, {name: self.truth[item]}) for item in items]
            annotations.add_imported(tx, self.project.schema, self.project.id, rows)
