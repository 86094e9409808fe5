"""Small projects that tests of the loop and of production begin with."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from meguri.accounts import service as accounts
from meguri.formats import service as formats
from meguri.formats.base import Row
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.loop import service as loop
from meguri.storage import jobs
from meguri.storage.store import Store
from meguri.worker import rooms

rooms.load("jobs")  # their handlers register themselves

QUESTION = "topic"
WORDS = {
    "sport": "goal match team win league coach stadium player score cup".split(),  # noqa: SIM905
    "politics": "vote party law minister election tax senate reform treaty debate".split(),  # noqa: SIM905
}


def text_of(topic: str, rng: np.random.Generator, doubt: float = 0.1) -> str:
    """Six words on a topic; with a probability of `doubt` each comes from the other one."""
    other = next(name for name in WORDS if name != topic)
    words = [str(rng.choice(WORDS[other if rng.random() < doubt else topic])) for _ in range(6)]
    return " ".join([*words, f"n{rng.integers(1_000_000)}"])


def labelled_texts(n: int, seed: int = 0, doubt: float = 0.1) -> list[tuple[str, str]]:
    """`(text, topic)`, both topics in turn."""
    rng = np.random.default_rng(seed)
    topics = list(WORDS)
    return [(text_of(topics[i % 2], rng, doubt), topics[i % 2]) for i in range(n)]


def text_project(store: Store, **settings: Any) -> Project:
    """An empty project that asks for the topic of texts."""
    question = {"name": QUESTION, "type": "choice", "options": list(WORDS)}
    return store.database.run(
        lambda tx: labelling.create_project(
            tx, "system", name="News", modality="text", questions=[question], settings=settings, seed="world"
        )
    )


def import_texts(
    store: Store, project: Project, rows: Sequence[tuple[str, str]], *, labelled: bool = True, first: int = 1
) -> None:
    """Add texts, with their topics as labels or without."""
    made = [Row(n, text=text, label=topic if labelled else None) for n, (text, topic) in enumerate(rows, start=first)]
    store.database.run(lambda tx: formats.import_rows(tx, store.blobs, project, made, "system"))


def served_project(store: Store, **settings: Any) -> Project:
    """A project whose first model, trained on 160 imported labels, is in production; the loop runs and rests."""
    project = text_project(store, **{"min_test_labels": 20, "batch": 10, "gates": {}, **settings})
    import_texts(store, project, labelled_texts(200))
    store.database.run(lambda tx: loop.start(tx, project.id, "system"))
    jobs.run_pending(store)
    return project


def person(store: Store, project: Project, name: str, role: str = "annotator") -> int:
    """A member of the project."""

    def make(tx: Any) -> int:
        made = accounts.create_person(tx, email=f"{name}@example.org", name=name, password=None, role=role)
        accounts.add_member(tx, project.id, made.id, role)
        return made.id

    return store.database.run(make)


def answer_one(store: Store, project: Project, who: int, reason: str, answer: str | None = None) -> int | None:
    """Answer the next task of a reason: with `answer`, or rightly by the words of the text. The item, or None."""
    lent = store.database.run(lambda tx: labelling.lend(tx, who, project.id, [reason]))
    if lent is None:
        return None
    said = answer or topic_of(lent.item.text or "")
    store.database.run(lambda tx: labelling.answer(tx, who, lent.id, {QUESTION: said}, 1.0))
    return lent.item.id


def answer_all(store: Store, project: Project, who: int, reason: str) -> int:
    """Answer every task of a reason rightly; how many there were."""
    done = 0
    while answer_one(store, project, who, reason) is not None:
        done += 1
    return done


def topic_of(text: str) -> str:
    """The topic that most words of a text belong to."""
    return max(WORDS, key=lambda topic: sum(word in WORDS[topic] for word in text.split()))
