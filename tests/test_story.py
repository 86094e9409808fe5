"""The whole ring as one story, on real handwritten digits and through the services alone.

People label what matters, a model learns, passes a gate and serves; what it is unsure of comes back to people, and
what they decide is learnt. It is told once on SQLite and once on PostgreSQL.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from meguri.accounts import service as accounts
from meguri.annotation import service as annotation
from meguri.data import service as data
from meguri.data.model import TEST, TRAIN, NewItem
from meguri.evaluation import service as evaluation
from meguri.evaluation.model import CHAMPION
from meguri.formats import service as formats
from meguri.formats.base import Row
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, SELECTION, Project
from meguri.learning import service as learning
from meguri.loop import service as loop
from meguri.quality import service as quality
from meguri.serving import service as serving
from meguri.storage import jobs, journal
from meguri.storage.store import Store
from meguri.worker import rooms

rooms.load("jobs")  # their handlers register themselves

QUESTION = "digit"
DIGITS = [str(n) for n in range(10)]


@dataclass
class Digits:
    """The archive that is imported, and a stream that only production sees; `truth` by content."""

    archive: list[bytes]
    stream: list[bytes]
    truth: dict[bytes, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def digits() -> Digits:
    bunch = load_digits()
    order = np.random.default_rng(7).permutation(len(bunch.target))[:720]
    files = [_png(bunch.images[n]) for n in order]
    truth = {file: str(bunch.target[n]) for file, n in zip(files, order, strict=True)}
    return Digits(files[:600], files[600:], truth)


def _png(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> bytes:
    target = io.BytesIO()
    Image.fromarray((pixels * 15).astype("uint8")).resize((32, 32), Image.Resampling.BICUBIC).save(target, "PNG")
    return target.getvalue()


@dataclass
class Person:
    """Somebody simulated: right with probability `skill`; who is `late` answers after everybody else."""

    id: int
    skill: float
    late: bool = False


class People:
    """They ask for work and answer it, by the same calls as real people."""

    def __init__(self, store: Store, project: Project, digits: Digits) -> None:
        self.store, self.project, self.digits = store, project, digits
        self.rng = np.random.default_rng(11)
        self.people = [
            self._hire("Aoi", 0.97),
            self._hire("Ben", 0.93),
            self._hire("Chika", 0.90, late=True),
            self._hire("Clicker", 0.10),
        ]
        self.operator = self._hire("Emi", 1.0, role="operator")

    def _hire(self, name: str, skill: float, *, late: bool = False, role: str = "annotator") -> Person:
        def hire(tx) -> int:  # type: ignore[no-untyped-def]
            address = f"{name.lower()}@example.org"
            made = accounts.create_person(tx, email=address, name=name, password=None, role=role)
            accounts.add_member(tx, self.project.id, made.id, role)
            return made.id

        return Person(self.store.database.run(hire), skill, late)

    def label(self) -> int:
        """Answer every task of the round; the late ones come last. Returns the number of answers."""
        for person in self.people:
            if not person.late:
                self._work(person, limit=3 if person.skill < 0.5 else None)
        return sum(self._work(person) for person in self.people)

    def review(self) -> int:
        """The operator decides every case."""
        return self._work(self.operator, reason=REVIEW)

    def _work(self, person: Person, limit: int | None = None, reason: str = SELECTION) -> int:
        done = 0
        while (limit is None or done < limit) and self._one(person, reason):
            done += 1
        return done

    def _one(self, person: Person, reason: str) -> bool:
        lent = self.store.database.run(lambda tx: labelling.lend(tx, person.id, self.project.id, [reason]))
        if lent is None:
            return False
        said = self.digits.truth[data.content(self.store.blobs, lent.item)]
        if self.rng.random() > person.skill:
            said = str(self.rng.integers(10))
        self.store.database.run(lambda tx: labelling.answer(tx, person.id, lent.id, {QUESTION: said}, 1.5))
        return True


@pytest.fixture
def engineer(store: Store) -> Iterator[int]:
    made = store.database.run(
        lambda tx: accounts.create_person(tx, email="e@example.org", name="Eng", password=None, role="engineer")
    )
    yield made.id


def test_the_ring_goes_round(store: Store, digits: Digits, engineer: int) -> None:
    project = import_the_archive(store, digits)
    people = People(store, project, digits)

    the_loop_asks_for_a_first_round(store, project)
    rounds_go_by_until_a_model_passes(store, project, people)
    consensus_sees_through_the_clicker(store, project, people, digits)
    production_is_served_and_doubt_goes_to_people(store, project, people, digits)
    what_people_decided_is_learnt(store, project)
    a_model_of_corrupted_labels_is_refused(store, project)
    a_rollback_brings_the_former_model_back(store, project)
    an_items_life_can_be_told(store, project)


def import_the_archive(store: Store, digits: Digits) -> Project:
    project = store.database.run(
        lambda tx: labelling.create_project(
            tx,
            "system",
            name="Handwritten digits",
            modality="image",
            questions=[{"name": QUESTION, "type": "choice", "options": DIGITS}],
            settings={"overlap": 3, "batch": 30, "min_test_labels": 45, "threshold": 0.995, "budget": 120},
            seed="story",
        )
    )
    rows = [Row(n, content=file) for n, file in enumerate(digits.archive, start=1)]
    counts = store.database.run(lambda tx: formats.import_rows(tx, store.blobs, project, rows, "system"))
    assert counts["created"] + counts["existing"] == len(rows)
    with store.database.read() as tx:
        splits = data.count(tx, project.id)
    assert 0.1 < splits[TEST] / sum(splits.values()) < 0.3, "a fifth is locked away, drawn at random"
    return project


def the_loop_asks_for_a_first_round(store: Store, project: Project) -> None:
    store.database.run(lambda tx: loop.start(tx, project.id, "system"))
    jobs.run_pending(store)
    with store.database.read() as tx:
        state = loop.state(tx, project.id)
        asked = labelling.progress(tx, project.id, 1)[SELECTION]
        tasks = labelling.task_page(tx, project.id, [SELECTION], limit=500)
        items = {item.id: item for item in data.get_many(tx, [task.item_id for task in tasks])}
    assert state["step"]["code"] == "loop.wait.answers"
    assert (asked.tasks, asked.answers_wanted) == (45, 135), "30 chosen, 15 of the locked split, three answers each"
    verifying = {task.item_id for task in tasks if task.details.get("why") == "verify"}
    assert {item.id for item in items.values() if item.split == TEST} == verifying, "no strategy touches what is locked"


def rounds_go_by_until_a_model_passes(store: Store, project: Project, people: People) -> None:
    for _ in range(10):
        people.label()
        jobs.run_pending(store)
        with store.database.read() as tx:
            state = loop.state(tx, project.id)
        if state["step"]["name"] == "stop":
            break
    assert state["step"]["code"] == "loop.stop.budget"
    with store.database.read() as tx:
        points = loop.curve(tx, project.id)
        champion = evaluation.alias(tx, project.id, CHAMPION)
        refused = [one for one in evaluation.verdicts(tx, project.id).values() if not one.passed]
    assert [point.round for point in points] == [1, 2, 3, 4]
    assert [point.labels for point in points] == [30, 60, 90, 120]
    assert points[-1].answers == 360
    assert points[-1].metrics["accuracy"] > 0.85
    assert points[-1].metrics["low"] <= points[-1].metrics["accuracy"] <= points[-1].metrics["high"]
    assert champion is not None
    assert refused, "the first models had too few locked labels to be judged on"


def consensus_sees_through_the_clicker(store: Store, project: Project, people: People, digits: Digits) -> None:
    with store.database.read() as tx:
        labels = quality.labels(tx, project.id, QUESTION, TRAIN)
        items = data.get_many(tx, [label.item_id for label in labels])
        skills = {skill.person_id: skill.value for skill in quality.skills(tx, project.id)}
    right = [digits.truth[data.content(store.blobs, item)] == label.value
             for item, label in zip(items, labels, strict=True)]  # fmt: skip
    assert np.mean(right) > 0.93
    clicker = people.people[-1].id
    assert skills[clicker] == min(skills.values()) < 0.5


def production_is_served_and_doubt_goes_to_people(
    store: Store, project: Project, people: People, digits: Digits
) -> None:
    new = [NewItem(key=f"s-{n}", content=file) for n, file in enumerate(digits.stream)]
    decisions = serving.predict(store, project.id, new, "system")
    automated = [one for one in decisions if one.decision == "automate"]
    doubtful = [one for one in decisions if one.decision == "review"]
    assert automated
    assert len(doubtful) >= 15, "enough to learn from"
    assert all(one.score >= 0.995 for one in automated)
    again = serving.predict(store, project.id, new, "system")
    assert [one.id for one in again] == [one.id for one in decisions], "asking again decides nothing anew"

    truth = {f"s-{n}": digits.truth[file] for n, file in enumerate(digits.stream)}
    wrong = sum(one.answer[QUESTION] != truth[str(one.key)] for one in automated)
    assert wrong / len(automated) < 0.15

    assert people.review() == len(doubtful)
    jobs.run_pending(store)
    with store.database.read() as tx:
        settled = [serving.decision(tx, one.id) for one in doubtful]
        entered = data.get_many(tx, [one.item_id for one in decisions if one.item_id is not None])
    assert all(one.outcome is not None for one in settled)
    assert {str(one.key): one.outcome.answers[QUESTION] for one in settled if one.outcome} == {
        str(one.key): truth[str(one.key)] for one in doubtful
    }
    assert {item.split for item in entered} == {TRAIN}, "what production brings never enters the locked split"


def what_people_decided_is_learnt(store: Store, project: Project) -> None:
    with store.database.read() as tx:
        newest = learning.newest(tx, project.id)
        points = loop.curve(tx, project.id)
    assert newest is not None
    assert newest.number == 5, "reviews are learnt from though the budget is spent"
    assert points[-1].labels > 120
    assert points[-1].metrics["accuracy"] >= points[-2].metrics["accuracy"] - 0.05


def a_model_of_corrupted_labels_is_refused(store: Store, project: Project) -> None:
    with store.database.read() as tx:
        champion = evaluation.alias(tx, project.id, CHAMPION)
        newest = learning.newest(tx, project.id)
        assert newest is not None
        assert newest.dataset_version_id is not None
        rows = data.dataset(tx, store.blobs, newest.dataset_version_id)
    for row in rows:
        if row["split"] == TRAIN and row["item"] % 3:
            row["answers"][QUESTION] = str((int(row["answers"][QUESTION]) + 1) % 10)

    def train(tx):  # type: ignore[no-untyped-def]
        corrupted = data.freeze(tx, store.blobs, project.id, rows, "labels shifted by one")
        return learning.train(tx, store, project, corrupted.id, round=99, actor="system")

    bad = store.database.run(train)
    loop.watch(store)
    jobs.run_pending(store)
    with store.database.read() as tx:
        said = evaluation.verdict(tx, project.id, bad.id)
        assert evaluation.alias(tx, project.id, CHAMPION) == champion, "production did not change"
        assert loop.state(tx, project.id)["step"]["name"] == "stop"
    assert said is not None
    assert not said.passed
    assert "not_worse" in {reason["gate"] for reason in said.reasons if not reason["passed"]}


def a_rollback_brings_the_former_model_back(store: Store, project: Project) -> None:
    with store.database.read() as tx:
        champion = evaluation.alias(tx, project.id, CHAMPION)
        promoted = [move.model_version_id for move in evaluation.history(tx, project.id)]
    assert len(promoted) >= 2
    store.database.run(lambda tx: evaluation.rollback(tx, project.id, "person:1", "Trying it out."))
    loop.watch(store)
    jobs.run_pending(store)
    with store.database.read() as tx:
        assert evaluation.alias(tx, project.id, CHAMPION) == promoted[1]
        assert promoted[1] != champion
        assert loop.state(tx, project.id)["step"]["name"] == "stop", "what was rolled back is not promoted again"
        stream = serving.decisions(tx, project.id, "automate").rows[0].item_id or 0
        said = {model: annotation.suggestions(tx, stream, model) for model in (champion, promoted[1])}
    assert all(said.values()), "whichever model is in production has said what it thinks of everything unlabelled"


def an_items_life_can_be_told(store: Store, project: Project) -> None:
    with store.database.read() as tx:
        reviewed = next(iter(serving.decisions(tx, project.id, "review").rows))
        assert reviewed.item_id is not None
        life = [entry.kind for entry in journal.of_item(tx, reviewed.item_id).rows][::-1]
    order = ["serving.decided", "labelling.answered", "serving.outcome"]
    assert [kind for kind in life if kind in order] == order
