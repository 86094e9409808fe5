"""Replay labelled data through the real loop: import, select, people answer, consensus, train, measure, and again."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import structlog

from meguri.annotation import service as annotation
from meguri.cli.common import opened
from meguri.cli.crowd import Character, Crowd
from meguri.cli.labelled import Labelled
from meguri.data import service as data
from meguri.formats import service as formats
from meguri.kit.config import Config
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.loop import service as loop
from meguri.loop.model import next_step, reason_text
from meguri.quality import service as quality
from meguri.storage import jobs
from meguri.storage.store import Store
from meguri.worker.rooms import load

QUESTION = "label"
SYSTEM = "system"
MOST_TURNS = 10_000

Noticed = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a data set is replayed."""

    strategy: str = "auto"
    seed: int = 0
    budget: int = 200
    batch: int = 20
    overlap: int = 1
    characters: tuple[Character, ...] = (Character("Annotator"),)
    test_share: float = 0.2
    aggregator: str = "majority"
    threshold: float = 0.9

    @property
    def settings(self) -> dict[str, Any]:
        """As a project's settings."""
        return {
            "strategy": self.strategy,
            "budget": self.budget,
            "batch": self.batch,
            "overlap": self.overlap,
            "test_share": self.test_share,
            "aggregator": self.aggregator,
            "threshold": self.threshold,
        }


@contextmanager
def workshop() -> Iterator[Store]:
    """A store in a temporary folder, with every room's jobs known."""
    load("jobs")
    with TemporaryDirectory(prefix="meguri-") as folder, opened(Config(data=Path(folder), log_level="error")) as store:
        yield store


def quietly() -> None:
    """Leave the terminal to the progress bar."""
    logging.getLogger().setLevel(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


class Replay:
    """One project on labelled data whose labels are hidden, and the people who uncover them."""

    def __init__(self, store: Store, labelled: Labelled, plan: Plan, name: str | None = None) -> None:
        self.store = store
        self.labelled = labelled
        self.plan = plan
        self.project = self._make(name or f"{labelled.name}: {plan.strategy}, seed {plan.seed}")
        self.crowd = Crowd.hire(store, self.project, plan.characters, plan.seed)
        self._truth: dict[int, str] = {}
        self._bring_in()

    def run(self, noticed: Noticed = lambda words: None) -> list[dict[str, Any]]:
        """Let the loop turn to its end; returns the learning curve's points."""
        self.start()
        for _ in range(MOST_TURNS):
            if not self.turn(noticed):
                break
        return self.curve()

    def start(self) -> None:
        """Let the loop run."""
        self.store.database.run(lambda tx: loop.start(tx, self.project.id, SYSTEM))

    def turn(self, noticed: Noticed = lambda words: None) -> bool:
        """Let the loop do all it can, then let people answer all it asked; False once nobody has anything to do."""
        jobs.run_pending(self.store)
        noticed(self.words())
        return self.crowd.work(self.truth, self.wrong) > 0

    def words(self) -> str:
        """What the loop does now and why, in a sentence."""
        with self.store.database.read() as tx:
            return reason_text(next_step(loop.facts(tx, self.project)))

    def curve(self) -> list[dict[str, Any]]:
        """The learning curve so far."""
        with self.store.database.read() as tx:
            points = loop.curve(tx, self.project.id)
        return [
            {
                **point.metrics,
                "round": point.round,
                "labels": point.labels,
                "answers": point.answers,
                "accuracy_low": point.metrics["low"],
                "accuracy_high": point.metrics["high"],
            }
            for point in points
        ]

    def skill(self, name: str) -> float | None:
        """What the house has found out of how often somebody is right."""
        with self.store.database.read() as tx:
            found = {one.person_id: one.value for one in quality.skills(tx, self.project.id)}
        return next((found.get(person) for person, one in self.crowd.people.items() if one.name == name), None)

    def know(self, item_id: int, label: str) -> None:
        """Tell the simulated people the right answer of an item that came later."""
        self._truth[item_id] = label

    def truth(self, item_id: int) -> Mapping[str, Any]:
        """The right answer for an item."""
        if item_id not in self._truth:
            with self.store.database.read() as tx:
                item = data.get(tx, self.project.id, item_id)
            self._truth[item_id] = self.labelled.label_of(item.key)
        return {QUESTION: self._truth[item_id]}

    def wrong(self, right: Mapping[str, Any], rng: np.random.Generator) -> Mapping[str, Any]:
        """Another answer, each as likely as the next."""
        others = [name for name in self.labelled.classes if name != right[QUESTION]]
        return {QUESTION: others[int(rng.integers(len(others)))]}

    def _make(self, name: str) -> Project:
        question = {"name": QUESTION, "type": "choice", "options": self.labelled.classes}
        return self.store.database.run(
            lambda tx: labelling.create_project(
                tx,
                SYSTEM,
                name=name[:200],
                modality=self.labelled.modality,
                questions=[question],
                settings=self.plan.settings,
                seed=f"simulation-{self.plan.seed}",  # the same for every strategy: the same locked split
            )
        )

    def _bring_in(self) -> None:
        """Import everything without its label; then the locked split gets its labels, as something known beforehand."""
        rows = self.labelled.unlabelled()
        with self.store.database.begin() as tx:
            formats.import_rows(tx, self.store.blobs, self.project, rows, SYSTEM)
            for item in data.every(tx, self.project.id):
                self._truth[item.id] = self.labelled.label_of(item.key)
            locked = data.ids(tx, self.project.id, "test")
            known = ((item, {QUESTION: self._truth[item]}) for item in locked)
            annotation.add_imported(tx, self.project.schema, self.project.id, known)


def full_accuracy(store: Store, labelled: Labelled, plan: Plan) -> float:
    """What the same model reaches with every label of the pool, right and for nothing."""
    replay = Replay(store, labelled, plan, name=f"{labelled.name}: all labels, seed {plan.seed}")
    with store.database.begin() as tx:
        pool = data.ids(tx, replay.project.id, "train")
        known = ((item, replay.truth(item)) for item in pool)
        annotation.add_imported(tx, replay.project.schema, replay.project.id, known)
    points = replay.run()
    return float(points[-1]["accuracy"])


def characters(count: int, accuracy: float) -> tuple[Character, ...]:
    """Equal people, as many as are needed."""
    return tuple(Character(f"Annotator {number + 1}", accuracy) for number in range(count))


def saved(curves: Mapping[str, Sequence[Sequence[Mapping[str, Any]]]], target: float) -> dict[str, float | None]:
    """For each strategy the mean number of labels at which its curves first reach `target`; None if one never does."""
    found: dict[str, float | None] = {}
    for name, repetitions in curves.items():
        reached = [next((p["labels"] for p in curve if p["accuracy"] >= target), None) for curve in repetitions]
        found[name] = None if None in reached else float(np.mean([n for n in reached if n is not None]))
    return found
