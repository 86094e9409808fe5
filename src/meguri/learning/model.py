"""What was learnt, what was chosen and what is predicted."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained artefact with its lineage: `card` tells what it is, from what, and how training went."""

    id: int
    project_id: int
    number: int
    dataset_version_id: int | None
    blob: str
    features: str
    card: dict[str, Any]
    made_by: str
    round: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """An item picked for labelling; `probability` is its chance where it was drawn uniformly, None elsewhere."""

    item_id: int
    strategy: str
    score: float
    probability: float | None


@dataclass(frozen=True, slots=True)
class Predicted:
    """A model's answers to all questions it learnt; `score` is the first one's probability of being exactly right."""

    answers: dict[str, Any]
    score: float
    probabilities: dict[str, dict[str, float]]  # {question: {class: probability}}
    scores: dict[str, float]  # {question: probability of being exactly right}
