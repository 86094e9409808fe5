"""Training in three parts: read what is needed, learn without a database, keep the model."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.annotation import service as annotations
from meguri.annotation.model import Question
from meguri.data import service as data
from meguri.data.model import TRAIN, DatasetVersion, Item
from meguri.kit import clock
from meguri.kit.errors import Invalid
from meguri.labelling.model import Project
from meguri.learning import artefact as artefacts
from meguri.learning import repository
from meguri.learning.artefact import Artefact, Lesson
from meguri.learning.features.base import Matrix, extractor_for
from meguri.learning.model import ModelVersion
from meguri.learning.predicting import load
from meguri.learning.seeing import features_of
from meguri.learning.stopping.base import kappa
from meguri.quality import service as quality
from meguri.storage import journal
from meguri.storage.store import Store

BACKGROUND = 2_000  # items that tell a model what is common, and two models how far they agree
CHUNK = 1_000

Call = Callable[..., Any]


@dataclass(frozen=True)
class Plan:
    """What a training needs: the labelled items, the lessons on them, and some unlabelled items beside."""

    project: Project
    dataset: DatasetVersion
    items: list[Item]
    lessons: list[Lesson]
    background: list[Item]
    before: ModelVersion | None
    round: int
    seed: int
    actor: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Learnt:
    """What a training made."""

    artefact: bytes
    features: str
    seconds: float
    kappa: float | None


def freeze(tx: Connection, store: Store, project: Project, note: str = "") -> DatasetVersion:
    """Keep everything that is agreed on now as a dataset version: items, labels, splits, annotations behind them."""
    return data.freeze(tx, store.blobs, project.id, _rows(tx, project), note)


def _rows(tx: Connection, project: Project) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for question in project.schema.questions:
        for label in quality.labels(tx, project.id, question.name):
            row = found.setdefault(label.item_id, {"item": label.item_id, "answers": {}, "confidence": {}})
            row["answers"][question.name] = label.value
            row["confidence"][question.name] = round(label.confidence, 6)
    ids = sorted(found)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        behind = annotations.of_items(tx, project.id, some)
        for item in data.get_many(tx, some):
            lineage = [one.id for one in behind[item.id]]
            found[item.id].update(hash=item.hash, split=item.split, annotations=lineage)
    return [row for row in found.values() if "split" in row]


def plan(
    tx: Connection,
    store: Store,
    project: Project,
    *,
    dataset_version: int | None = None,
    round: int = 0,
    seed: int = 0,
    actor: str = "system",
) -> Plan:
    """Read what a training needs; freezes a dataset version where none is given. The test split is never in it."""
    dataset = (
        freeze(tx, store, project, f"round {round}")
        if dataset_version is None
        else data.dataset_version(tx, dataset_version)
    )
    rows = [row for row in data.dataset(tx, store.blobs, dataset.id) if row["split"] == TRAIN]
    items = data.get_many(tx, [row["item"] for row in rows])
    lessons = [_lesson(question, rows) for question in project.schema.questions if question.classes is not None]
    if not lessons:
        raise Invalid("None of the questions has options that a model could learn.", code="learning.nothing_to_learn")
    lessons.sort(key=lambda lesson: not lesson.question["required"])
    background = data.get_many(tx, _background(tx, project))
    facts = {
        "labels": len(items),
        "answers": sum(len(row["annotations"]) for row in rows),
        "people": _people(tx, project.id, [row["item"] for row in rows]),
        "dataset": {"id": dataset.id, "number": dataset.number, "hash": dataset.hash},
        "classes": {lesson.question["name"]: _class_counts(lesson) for lesson in lessons},
    }
    before = repository.newest_model(tx, project.id)
    return Plan(project, dataset, items, lessons, background, before, round, seed, actor, facts)


def _lesson(question: Question, rows: Sequence[dict[str, Any]]) -> Lesson:
    labelled = [(i, row) for i, row in enumerate(rows) if question.name in row["answers"]]
    return artefacts.lesson_of(
        question,
        [i for i, _ in labelled],
        [row["answers"][question.name] for _, row in labelled],
        [row["confidence"][question.name] for _, row in labelled],
    )


def _class_counts(lesson: Lesson) -> dict[str, int]:
    names = Question.from_json(lesson.question).classes or ()
    return dict(zip(names, (int(n) for n in lesson.targets.sum(axis=0)), strict=True))


def _background(tx: Connection, project: Project) -> list[int]:
    """The same random training items for every model of a project, as long as no items are added."""
    ids = np.array(data.ids(tx, project.id, TRAIN), np.int64)
    rng = np.random.default_rng(list(project.seed.encode()))
    return [int(item) for item in np.sort(rng.permutation(ids)[:BACKGROUND])]


def _people(tx: Connection, project_id: int, items: Sequence[int]) -> dict[str, int]:
    """`{person: answers}` behind some items."""
    people: dict[str, int] = {}
    for start in range(0, len(items), CHUNK):
        for given in annotations.of_items(tx, project_id, items[start : start + CHUNK]).values():
            for one in given:
                name = one.source if one.person_id is None else f"person:{one.person_id}"
                people[name] = people.get(name, 0) + 1
    return people


def study(store: Store, given: Plan, call: Call | None = None) -> Learnt:
    """Train; no database is touched. `call(function, *args)` runs the training itself, here where it is None.

    Raises `Invalid` (`learning.too_few_classes`) where the labels have nothing to tell apart.
    """
    started = time.monotonic()
    project = given.project
    extractor = extractor_for(project.settings.features, project.modality)
    features = features_of(store, extractor, given.items)
    background = features_of(store, extractor, given.background)
    call = call or (lambda function, *args: function(*args))
    args = (extractor.tag, project.settings.model, features, background, given.lessons, given.seed)
    made: bytes = call(artefacts.fit, *args)
    alike = None
    if given.before is not None and given.before.features == extractor.tag and len(given.background):
        alike = _alike(load(store, given.before).artefact, Artefact.load(made), background)
    return Learnt(made, extractor.tag, round(time.monotonic() - started, 3), alike)


def _alike(before: Artefact, after: Artefact, features: Matrix) -> float | None:
    """Cohen's kappa of the headline answers of two models; None where they answer different questions."""
    old, new = before.headline, after.headline
    if old.question.name != new.question.name or old.fitted.classes != new.fitted.classes:
        return None
    return round(kappa(old.fitted.predict(features).argmax(axis=1), new.fitted.predict(features).argmax(axis=1)), 4)


def keep(tx: Connection, store: Store, given: Plan, learnt: Learnt) -> ModelVersion:
    """Keep a trained model with its card. The same model of the same round again is the version already kept."""
    blob = store.blobs.put(learnt.artefact)
    project = given.project
    there = repository.same_model(tx, project.id, given.round, blob)
    if there is not None:
        return there
    newest = repository.newest_model(tx, project.id)
    row = {
        "project_id": project.id,
        "number": 1 if newest is None else newest.number + 1,
        "dataset_version_id": given.dataset.id,
        "blob": blob,
        "features": learnt.features,
        "card": _card(given, learnt),
        "made_by": given.actor,
        "round": given.round,
        "created_at": clock.now(),
    }
    made = ModelVersion(id=repository.insert_model(tx, row), **row)  # type: ignore[arg-type]
    journal.write(
        tx,
        "learning.trained",
        given.actor,
        project=project.id,
        model_version=made.id,
        number=made.number,
        round=made.round,
        labels=given.facts["labels"],
        dataset_version=given.dataset.id,
    )
    return made


def _card(given: Plan, learnt: Learnt) -> dict[str, Any]:
    heads = {head.question.name: head.fitted.card for head in Artefact.load(learnt.artefact).heads}
    return {
        "model": given.project.settings.model,
        "features": learnt.features,
        "seed": given.seed,
        "seconds": learnt.seconds,
        "kappa": learnt.kappa,
        "questions": heads,
        "bytes": len(learnt.artefact),
        **given.facts,
    }


def train(
    tx: Connection,
    store: Store,
    project: Project,
    dataset_version: int | None = None,
    round: int = 0,
    seed: int = 0,
    actor: str = "system",
) -> ModelVersion:
    """Train on what is agreed on now, or on a frozen version, in the caller's transaction."""
    given = plan(tx, store, project, dataset_version=dataset_version, round=round, seed=seed, actor=actor)
    return keep(tx, store, given, study(store, given))


def train_apart(
    store: Store,
    project: Project,
    *,
    round: int = 0,
    seed: int = 0,
    actor: str = "system",
    call: Call | None = None,
) -> ModelVersion:
    """The same in transactions of its own, none of which is open while the model learns: for jobs."""
    given = store.database.run(lambda tx: plan(tx, store, project, round=round, seed=seed, actor=actor))
    learnt = study(store, given, call)
    return store.database.run(lambda tx: keep(tx, store, given, learnt))
