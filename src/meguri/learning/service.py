"""The door of this room: features, training, predictions and the choice of what to label next.

Training and choosing have three parts each, so that no transaction is held while numbers are crunched: what is needed
is read, the work is done without a database, and the result is kept. `train` and `select` do all three in one go.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.annotation import service as annotations
from meguri.annotation.model import Question
from meguri.data import service as data
from meguri.data.model import TRAIN, DatasetVersion, Item
from meguri.kit import clock
from meguri.kit.errors import Invalid, NotFound
from meguri.labelling.model import Project
from meguri.learning import artefact as artefacts
from meguri.learning import repository
from meguri.learning.artefact import Artefact, Lesson
from meguri.learning.cache import FeatureCache
from meguri.learning.features.base import Content, FeatureExtractor, Matrix, extractor_for
from meguri.learning.geometry import vectors
from meguri.learning.model import Chosen, ModelVersion, Predicted
from meguri.learning.selection.base import Picks, Pool, strategies
from meguri.learning.stopping.base import kappa
from meguri.quality import service as quality
from meguri.storage import journal
from meguri.storage.store import Store

BACKGROUND = 2_000  # items that tell a model what is common, and two models how far they agree
POOL = 50_000  # items that a strategy looks at; of a larger pool a uniform sample
LOADED = 4  # models kept in memory
CHUNK = 1_000

Call = Callable[..., Any]

_caches: dict[str, FeatureCache] = {}
_loaded: OrderedDict[str, "Predictor"] = OrderedDict()


# ---------------------------------------------------------------- features


def featurise(store: Store, project: Project, items: Sequence[Item]) -> Matrix:
    """Features of items in order, (items, features), computed once for each content and kept on this machine."""
    return _features(store, extractor_for(project.settings.features, project.modality), items)


def _features(store: Store, extractor: FeatureExtractor, items: Sequence[Item]) -> Matrix:
    folder = store.folder / "features" / extractor.tag
    cache = _caches.setdefault(str(folder.absolute()), FeatureCache(folder))

    def make(places: list[int]) -> Matrix:
        return extractor.extract([_content(store, items[place]) for place in places])

    return cache.rows([item.hash for item in items], make)


def _content(store: Store, item: Item) -> Content:
    return (item.text or "") if item.blob is None else store.blobs.get(item.blob)


# ---------------------------------------------------------------- training


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
    features = _features(store, extractor, given.items)
    background = _features(store, extractor, given.background)
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


# ---------------------------------------------------------------- models


@dataclass(frozen=True)
class Predictor:
    """A model ready to answer."""

    model_version: ModelVersion
    artefact: Artefact
    store: Store

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it answers, the headline first."""
        return tuple(head.question for head in self.artefact.heads)

    def features(self, items: Sequence[Item]) -> Matrix:
        """Features of items as this model needs them."""
        return _features(self.store, self.artefact.extractor, items)

    def predict(self, items: Sequence[Item]) -> list[Predicted]:
        """An answer to every question about each item."""
        return self.artefact.predict(self.features(items)) if items else []

    def predict_contents(self, contents: Sequence[Content]) -> list[Predicted]:
        """The same for contents that are no items."""
        return self.artefact.predict(self.artefact.extractor.extract(contents)) if contents else []


def load(store: Store, model_version: ModelVersion) -> Predictor:
    """The model, from memory where it was used lately."""
    key = f"{id(store)}:{model_version.id}:{model_version.blob}"
    found = _loaded.get(key)
    if found is None:
        found = Predictor(model_version, Artefact.load(store.blobs.get(model_version.blob)), store)
        _loaded[key] = found
        while len(_loaded) > LOADED:
            _loaded.popitem(last=False)
    return found


def model_version(tx: Connection, model_version_id: int) -> ModelVersion:
    """One model version, or `NotFound`."""
    found = repository.model(tx, model_version_id)
    if found is None:
        raise NotFound(
            f"There is no model version {model_version_id}.", code="learning.no_model", model=model_version_id
        )
    return found


def model_versions(tx: Connection, project_id: int) -> list[ModelVersion]:
    """All model versions of a project, the newest first."""
    return repository.models(tx, project_id)


def newest(tx: Connection, project_id: int) -> ModelVersion | None:
    """The newest model version of a project, None before the first."""
    return repository.newest_model(tx, project_id)


# ---------------------------------------------------------------- selection


@dataclass(frozen=True)
class View:
    """What a choice needs: the pool, what is labelled, and the newest model."""

    project: Project
    pool: list[Item]
    labelled: list[Item]
    values: list[Any]
    question: Question
    model: ModelVersion | None
    whole: int  # items in the pool before sampling
    n: int
    round: int
    seed: int


def look(
    tx: Connection, project: Project, n: int, round: int = 0, seed: int = 0, exclude: Collection[int] = ()
) -> View:
    """Read what a choice needs. The pool is the training split less what is labelled, was chosen, or is excluded."""
    question = headline(project)
    labels = quality.labels(tx, project.id, question.name, TRAIN)
    ids = data.ids(tx, project.id, TRAIN)
    gone = {label.item_id for label in labels} | repository.ever_selected(tx, project.id) | set(exclude)
    rest = np.array([item for item in ids if item not in gone], np.int64)
    rng = np.random.default_rng([seed, round, 1])
    some = rest if len(rest) <= POOL else np.sort(rng.permutation(rest)[:POOL])
    pool = data.get_many(tx, some.tolist())
    value = {label.item_id: label.value for label in labels}
    labelled = data.get_many(tx, list(value))
    values = [value[item.id] for item in labelled]
    model = repository.newest_model(tx, project.id)
    return View(project, pool, labelled, values, question, model, len(rest), n, round, seed)


def headline(project: Project) -> Question:
    """The question that models are chosen by: the first required one that has classes, else the first that has."""
    learnable = [question for question in project.schema.questions if question.classes is not None]
    if not learnable:
        raise Invalid("None of the questions has options that a model could learn.", code="learning.nothing_to_learn")
    return next((question for question in learnable if question.required), learnable[0])


def choose(store: Store, given: View) -> list[Chosen]:
    """Pick the next items; no database is touched."""
    if not given.pool:
        return []
    picks = _picked(store, given)
    share = len(given.pool) / given.whole
    return [
        Chosen(given.pool[place].id, strategy, float(score), None if np.isnan(chance) else float(chance) * share)
        for place, strategy, score, chance in zip(
            picks.places, picks.strategies, picks.scores, picks.probabilities, strict=True
        )
    ]


def _picked(store: Store, given: View) -> Picks:
    features = featurise(store, given.project, [*given.pool, *given.labelled])
    rng = np.random.default_rng([given.seed, given.round, 2])
    places = vectors(features, np.random.default_rng([given.seed, given.round, 3]))
    cut = len(given.pool)
    pool = Pool(places[:cut], places[cut:], artefacts.targets_of(given.question, given.values))
    if given.model is not None:
        pool = _with_model(store, given.model, given.question, pool, features[:cut])
    return strategies[given.project.settings.strategy].select(pool, given.n, rng)


def _with_model(store: Store, model: ModelVersion, question: Question, pool: Pool, features: Matrix) -> Pool:
    """The pool with what the model says of it, where the model knows this very question."""
    artefact = load(store, model).artefact
    head = next((head for head in artefact.heads if head.question.name == question.name), None)
    if head is None or head.fitted.classes != question.classes or artefact.features != artefact.extractor.tag:
        return pool
    return replace(
        pool, probabilities=head.fitted.predict(features), multiple=head.fitted.multiple, card=head.fitted.card
    )


def selected_items(tx: Connection, project_id: int) -> set[int]:
    """Every item that a strategy ever chose."""
    return repository.ever_selected(tx, project_id)


def keep_choice(tx: Connection, given: View, chosen: Sequence[Chosen]) -> list[Chosen]:
    """Write down what was chosen. A round chooses once: if it already has, that choice stands."""
    project_id = given.project.id
    there = repository.selected(tx, project_id, given.round)
    if there:
        return there
    now, model = clock.now(), None if given.model is None else given.model.id
    repository.insert_selection(
        tx,
        [
            {
                "project_id": project_id,
                "item_id": one.item_id,
                "round": given.round,
                "strategy": one.strategy,
                "rank": rank,
                "score": one.score,
                "probability": one.probability,
                "model_version_id": model,
                "at": now,
            }
            for rank, one in enumerate(chosen)
        ],
    )
    actor = "system" if model is None else f"model:{model}"
    journal.write_many(
        tx,
        [
            {
                "kind": "learning.selected",
                "actor": actor,
                "project_id": project_id,
                "item_id": one.item_id,
                "model_version_id": model,
                "policy": one.strategy,
                "facts": {"round": given.round, "score": round(one.score, 6), "probability": one.probability},
            }
            for one in chosen
        ],
    )
    return list(chosen)


def select(
    tx: Connection,
    store: Store,
    project: Project,
    n: int,
    round: int = 0,
    seed: int = 0,
    exclude: Collection[int] = (),
) -> list[Chosen]:
    """Choose the next n items of the training split and write the choice down, in the caller's transaction."""
    there = repository.selected(tx, project.id, round)
    if there:
        return there
    given = look(tx, project, n, round, seed, exclude)
    return keep_choice(tx, given, choose(store, given))


def select_apart(
    store: Store, project: Project, n: int, round: int = 0, seed: int = 0, exclude: Collection[int] = ()
) -> tuple[View, list[Chosen]]:
    """The first two parts of a choice, without holding a transaction; end with `keep_choice` in one of your own."""
    with store.database.read() as tx:
        given = look(tx, project, n, round, seed, exclude)
    return given, choose(store, given)
