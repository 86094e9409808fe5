"""What was measured, what the gates said, and which model bears which name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from meguri.data.model import Item
from meguri.evaluation.metrics.base import Bools, Outcomes

CHAMPION = "champion"
PROMOTE, ROLLBACK = "promote", "rollback"

SLICE_LEAST = 10  # items of a slice that is shown
SLICE_VALUES = 30  # different values of a field that still makes slices


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of a model on one split. `items_hash` names the items with their labels."""

    id: int
    project_id: int
    model_version_id: int
    split: str
    items: int
    items_hash: str
    metrics: dict[str, Any]
    blob: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates said of a challenger beside the champion of that moment; None: there was none."""

    id: int
    project_id: int
    challenger_id: int
    champion_id: int | None
    gate: str
    passed: bool
    reasons: list[dict[str, Any]]
    created_at: int


@dataclass(frozen=True, slots=True)
class AliasMove:
    """A name was given to a model: promotion or rollback."""

    id: int
    project_id: int
    alias: str
    model_version_id: int | None
    kind: str
    actor: str
    why: str
    at: int


def stack_of(moves: Sequence[AliasMove]) -> list[int]:
    """The models that a name can be rolled back through, the present one last; `moves` the oldest first."""
    stack: list[int] = []
    for move in moves:
        if move.kind == ROLLBACK:
            stack = stack[:-1]
        elif move.model_version_id is not None:
            stack.append(move.model_version_id)
    return stack


def slices_of(items: Sequence[Item], outcomes: Outcomes) -> dict[str, Bools]:
    """Masks by what the client said of the items (`field=value`) and by true answer (`=class`)."""
    values: dict[str, dict[str, list[int]]] = {}
    for place, item in enumerate(items):
        for field, value in item.meta.items():
            if isinstance(value, str | int | bool):
                values.setdefault(str(field), {}).setdefault(str(value), []).append(place)
    masks = {
        f"{field}={value}": _mask(places, len(items))
        for field, groups in sorted(values.items())
        if len(groups) <= SLICE_VALUES
        for value, places in sorted(groups.items())
        if len(places) >= SLICE_LEAST
    }
    by_class = {f"={name}": outcomes.truth[:, place] for place, name in enumerate(outcomes.classes)}
    return masks | {name: mask for name, mask in by_class.items() if mask.sum() >= SLICE_LEAST}


def _mask(places: Sequence[int], n: int) -> Bools:
    mask = np.zeros(n, bool)
    mask[list(places)] = True
    return mask


def confusion_of(outcomes: Outcomes) -> dict[str, Any]:
    """`{classes, matrix}`: rows are the truth, columns the answers; for several options each counts on its own."""
    if not outcomes.multiple:
        matrix = outcomes.truth.astype(int).T @ outcomes.answers.astype(int)
        return {"classes": list(outcomes.classes), "matrix": matrix.tolist()}
    held = np.stack([outcomes.truth & outcomes.answers, outcomes.truth, outcomes.answers]).sum(axis=1)
    names = ("both", "truth", "answer")
    return {
        "classes": list(outcomes.classes),
        "matrix": [],
        "options": [dict(zip(names, map(int, column), strict=True)) for column in held.T],
    }


def calibration_of(outcomes: Outcomes, bins: int = 10) -> list[dict[str, float]]:
    """Of each band of scores: its items, their mean score, and the share that was right."""
    place = np.minimum((outcomes.scores * bins).astype(np.int64), bins - 1)
    bands = []
    for number in np.unique(place):
        inside = place == number
        bands.append(
            {
                "low": number / bins,
                "high": (number + 1) / bins,
                "items": int(inside.sum()),
                "score": round(float(outcomes.scores[inside].mean()), 4),
                "right": round(float(outcomes.right[inside].mean()), 4),
            }
        )
    return bands


def per_class_of(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Of each class: items, precision, recall and F1; None where there is nothing to divide by."""
    both = (outcomes.truth & outcomes.answers).sum(axis=0)
    true, given = outcomes.truth.sum(axis=0), outcomes.answers.sum(axis=0)
    return [
        {
            "name": name,
            "items": int(true[i]),
            "precision": _share(both[i], given[i]),
            "recall": _share(both[i], true[i]),
            "f1": _share(2 * both[i], true[i] + given[i]),
        }
        for i, name in enumerate(outcomes.classes)
    ]


def _share(part: Any, whole: Any) -> float | None:
    return round(float(part) / float(whole), 4) if whole else None


def outcomes_of(kept: Mapping[str, Any]) -> Outcomes:
    """The outcomes of one question as a report keeps them."""
    classes = tuple(kept["classes"])
    n = len(kept["scores"])

    def dense(rows: Sequence[Sequence[int]]) -> Bools:
        made = np.zeros((n, len(classes)), bool)
        for i, places in enumerate(rows):
            made[i, list(places)] = True
        return made

    return Outcomes(dense(kept["truth"]), dense(kept["answers"]), np.array(kept["scores"]), classes, kept["multiple"])


def kept_of(outcomes: Outcomes, item_ids: Sequence[int]) -> dict[str, Any]:
    """The outcomes of one question as JSON: classes by their places."""
    return {
        "classes": list(outcomes.classes),
        "multiple": outcomes.multiple,
        "items": list(item_ids),
        "truth": [np.flatnonzero(row).tolist() for row in outcomes.truth],
        "answers": [np.flatnonzero(row).tolist() for row in outcomes.answers],
        "scores": [round(float(score), 6) for score in outcomes.scores],
    }
