"""One of several options."""

from collections.abc import Sequence
from typing import Any

from meguri.annotation.types.base import AnnotationType, Example, annotation_types
from meguri.annotation.types.options import Options


@annotation_types.register
class Choice(AnnotationType[Options]):
    """The value is the name of the option chosen."""

    name = "choice"
    Config = Options
    Value = str

    def validate(self, config: Options, value: Any) -> str:
        return config.check(value)

    def similarity(self, config: Options, a: str, b: str) -> float:
        return 1.0 if a == b else 0.0

    def merge(self, config: Options, values: Sequence[str], weights: Sequence[float]) -> tuple[str, float]:
        """The heaviest option with its share of the weight; a tie goes to the one listed first."""
        votes = dict.fromkeys(config.names, 0.0)
        for value, weight in zip(values, weights, strict=True):
            votes[value] = votes.get(value, 0.0) + weight
        best = max(votes, key=votes.__getitem__)
        total = sum(votes.values())
        return best, votes[best] / total if total > 0 else 0.0

    def label(self, value: str) -> str:
        return value

    def classes(self, config: Options) -> tuple[str, ...]:
        return config.names

    def indicator(self, config: Options, value: str) -> frozenset[str]:
        return frozenset((value,))

    def from_scores(self, config: Options, scores: dict[str, float]) -> tuple[str, float]:
        best = max(config.names, key=lambda name: scores.get(name, 0.0))
        return best, scores.get(best, 0.0)

    def from_text(self, config: Options, text: str) -> str:
        return config.check(text.strip())

    def example(self) -> Example:
        return Example({"options": ["cat", "dog", "neither"]}, ("cat", "dog", "neither"))
