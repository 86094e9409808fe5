"""Measuring a model on the locked test split: read what is locked, let the model answer, keep the report."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from meguri.annotation.model import Question
from meguri.data import service as data
from meguri.data.model import TEST, Item
from meguri.evaluation import repository
from meguri.evaluation.metrics.base import Outcomes, metrics
from meguri.evaluation.model import Report, calibration_of, confusion_of, kept_of, per_class_of, slices_of
from meguri.kit import clock
from meguri.kit.errors import NotFound
from meguri.kit.ids import canonical, content_hash
from meguri.kit.shares import wilson
from meguri.labelling.model import Project
from meguri.learning import service as learning
from meguri.learning.artefact import Head, answer_of, targets_of
from meguri.learning.model import ModelVersion
from meguri.quality import service as quality
from meguri.storage import journal
from meguri.storage.store import Store

WORST = 200  # errors that a report lists, the surest first


@dataclass(frozen=True)
class Locked:
    """The labelled part of the test split at one moment; `truth` is {question: {item: value}}."""

    project: Project
    items: list[Item]
    truth: dict[str, dict[int, Any]]

    @property
    def hash(self) -> str:
        """Names the items with their labels: two reports compare where these are equal."""
        rows = [[name, sorted(labels.items())] for name, labels in sorted(self.truth.items())]
        return content_hash(canonical(rows).encode())


@dataclass(frozen=True)
class Findings:
    """What a measurement found: the numbers, and everything item by item."""

    items: int
    items_hash: str
    metrics: dict[str, Any]
    details: dict[str, Any]


def locked(tx: Connection, project: Project) -> Locked:
    """The test items with their agreed labels, now."""
    truth = {
        question.name: {label.item_id: label.value for label in quality.labels(tx, project.id, question.name, TEST)}
        for question in project.schema.questions
        if question.classes is not None
    }
    ids = sorted({item for labels in truth.values() for item in labels})
    return Locked(project, data.get_many(tx, ids), truth)


def examine(store: Store, given: Locked, model: ModelVersion) -> Findings:
    """Let the model answer the locked items; no database is touched."""
    predictor = learning.load(store, model)
    features = predictor.features(given.items)
    rows = {item.id: place for place, item in enumerate(given.items)}
    numbers: dict[str, Any] = {}
    details: dict[str, Any] = {}
    for head in predictor.artefact.heads:
        labels = given.truth.get(head.question.name, {})
        items = [given.items[rows[item]] for item in labels if item in rows]
        if not items:
            continue
        asked = features[[rows[item.id] for item in items]]
        outcomes = _outcomes(head, asked, [labels[item.id] for item in items])
        numbers[head.question.name] = _numbers(outcomes)
        details[head.question.name] = _details(outcomes, items)
    headline = predictor.artefact.headline.question.name
    found = {"headline": headline, "questions": numbers, **numbers.get(headline, {})}
    return Findings(len(details.get(headline, {}).get("items", [])), given.hash, found, details)


def _outcomes(head: Head, features: Any, values: Sequence[Any]) -> Outcomes:
    question, classes = head.question, head.fitted.classes
    shares = head.fitted.predict(features)
    named = [dict(zip(classes, row.tolist(), strict=True)) for row in shares]
    answers = targets_of(question, [answer_of(question, one)[0] for one in named])
    sure = np.where(answers, shares, 1 - shares).prod(axis=1) if head.fitted.multiple else shares.max(axis=1)
    return Outcomes(targets_of(question, values), answers, sure, classes, head.fitted.multiple)


def _numbers(outcomes: Outcomes) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    found = {}
    for name, metric in metrics.items():
        low, high = metric.interval(outcomes, rng)
        found[name] = {"value": round(metric.measure(outcomes), 6), "low": round(low, 6), "high": round(high, 6)}
    return found


def _details(outcomes: Outcomes, items: Sequence[Item]) -> dict[str, Any]:
    right = outcomes.right
    slices = []
    for name, mask in slices_of(items, outcomes).items():
        n, good = int(mask.sum()), int(right[mask].sum())
        low, high = wilson(good, n)
        slices.append({"slice": name, "items": n, "accuracy": good / n, "low": low, "high": high})
    return {
        **kept_of(outcomes, [item.id for item in items]),
        "confusion": confusion_of(outcomes),
        "per_class": per_class_of(outcomes),
        "calibration": calibration_of(outcomes),
        "slices": slices,
    }


def keep_report(tx: Connection, store: Store, model: ModelVersion, found: Findings) -> Report:
    """Keep what was found. The same measurement again is the report already kept."""
    blob = store.blobs.put(json.dumps(found.details, sort_keys=True, ensure_ascii=False).encode())
    there = repository.newest_report(tx, model.id)
    if there is not None and there.items_hash == found.items_hash and there.blob == blob:
        return there
    report = repository.insert_report(
        tx,
        {
            "project_id": model.project_id,
            "model_version_id": model.id,
            "split": TEST,
            "items": found.items,
            "items_hash": found.items_hash,
            "metrics": found.metrics,
            "blob": blob,
            "created_at": clock.now(),
        },
    )
    accuracy = found.metrics.get("accuracy")
    journal.write(
        tx,
        "evaluation.measured",
        f"model:{model.id}",
        project=model.project_id,
        model_version=model.id,
        items=found.items,
        accuracy=None if accuracy is None else accuracy["value"],
    )
    return report


def measure(tx: Connection, store: Store, project: Project, model_version_id: int) -> Report:
    """The model's report on the locked test split as it is labelled now; measured only where that is not yet known."""
    model = model_of(tx, project.id, model_version_id)
    given = locked(tx, project)
    there = repository.newest_report(tx, model.id)
    if there is not None and there.items_hash == given.hash:
        return there
    return keep_report(tx, store, model, examine(store, given, model))


def measure_apart(store: Store, project: Project, model_version_id: int) -> Report:
    """The same in transactions of its own, none of which is open while the model answers: for jobs."""
    with store.database.read() as tx:
        model = model_of(tx, project.id, model_version_id)
        given = locked(tx, project)
        there = repository.newest_report(tx, model.id)
    if there is not None and there.items_hash == given.hash:
        return there
    found = examine(store, given, model)
    return store.database.run(lambda tx: keep_report(tx, store, model, found))


def model_of(tx: Connection, project_id: int, model_version_id: int) -> ModelVersion:
    """A model of this project, or `NotFound`."""
    model = learning.model_version(tx, model_version_id)
    if model.project_id != project_id:
        raise NotFound(
            f"There is no model version {model_version_id}.", code="learning.no_model", model=model_version_id
        )
    return model


def details(store: Store, report: Report) -> dict[str, Any]:
    """Everything item by item: `{question: {items, truth, answers, scores, confusion, slices, …}}`."""
    kept: dict[str, Any] = json.loads(store.blobs.get(report.blob))
    return kept


def values_of(question: Question, kept: dict[str, Any], side: str, row: int) -> Any:
    """The truth or the answer of one item as a value of the question's type."""
    shares = {kept["classes"][place]: 1.0 for place in kept[side][row]}
    return answer_of(question, shares)[0]
