"""The choice of what to label next, in three parts: look, choose without a database, write it down."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.annotation.model import Question
from meguri.data import service as data
from meguri.data.model import TRAIN, Item
from meguri.kit import clock
from meguri.kit.errors import Invalid
from meguri.labelling.model import Project
from meguri.learning import repository
from meguri.learning.artefact import targets_of
from meguri.learning.features.base import Matrix, extractor_for
from meguri.learning.geometry import vectors
from meguri.learning.model import Chosen, ModelVersion
from meguri.learning.predicting import load
from meguri.learning.seeing import featurise
from meguri.learning.selection.base import Picks, Pool, strategies
from meguri.quality import service as quality
from meguri.storage import journal
from meguri.storage.store import Store

POOL = 50_000  # items that a strategy looks at; of a larger pool a uniform sample


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
    pool = Pool(places[:cut], places[cut:], targets_of(given.question, given.values))
    if given.model is not None:
        pool = _with_model(store, given, given.model, pool, features[:cut])
    return strategies[given.project.settings.strategy].select(pool, given.n, rng)


def _with_model(store: Store, given: View, model: ModelVersion, pool: Pool, features: Matrix) -> Pool:
    """The pool with what the model says of it, where the model knows this very question and these features."""
    head = next((one for one in load(store, model).artefact.heads if one.question.name == given.question.name), None)
    extractor = extractor_for(given.project.settings.features, given.project.modality)
    if head is None or head.fitted.classes != given.question.classes or model.features != extractor.tag:
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
