"""Any number of several options."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from meguri.annotation.types.base import AnnotationType, Example, annotation_types
from meguri.annotation.types.options import Options


class ManyOptions(Options):
    """Options, and how many of them an answer holds: `min` at least and `max` at most."""

    min: int = Field(default=0, ge=0)
    max: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.min > min(self.most, len(self.options)):
            raise ValueError("no answer can hold that many options: min is larger than max or than the list")
        return self

    @property
    def most(self) -> int:
        return len(self.options) if self.max is None else self.max


@annotation_types.register
class Choices(AnnotationType[ManyOptions]):
    """The value is the list of the names chosen, each once, in the order of the options."""

    name = "choices"
    Config = ManyOptions
    Value = list[str]

    def validate(self, config: ManyOptions, value: Any) -> list[str]:
        if not isinstance(value, list | tuple):
            raise ValueError("The answer is a list of option names.")
        chosen = {config.check(name) for name in value}
        if not config.min <= len(chosen) <= config.most:
            raise ValueError(f"Between {config.min} and {config.most} options are asked for; {len(chosen)} were given.")
        return [name for name in config.names if name in chosen]

    def similarity(self, config: ManyOptions, a: list[str], b: list[str]) -> float:
        """Jaccard's index; two empty answers are the same."""
        left, right = set(a), set(b)
        return len(left & right) / len(left | right) if left or right else 1.0

    def merge(self, config: ManyOptions, values: Sequence[Any], weights: Sequence[float]) -> tuple[list[str], float]:
        """Every option that more than half of the weight chose, kept within `min` and `max`.

        The confidence is the mean share of the weight behind each option's being in or out.
        """
        total = sum(weights) or 1.0
        share = dict.fromkeys(config.names, 0.0)
        for value, weight in zip(values, weights, strict=True):
            for name in value:
                share[name] = share.get(name, 0.0) + weight / total
        return self._chosen(config, share)

    def label(self, value: list[str]) -> str:
        return ", ".join(value)

    def classes(self, config: ManyOptions) -> tuple[str, ...]:
        return config.names

    def indicator(self, config: ManyOptions, value: list[str]) -> frozenset[str]:
        return frozenset(value)

    def from_scores(self, config: ManyOptions, scores: dict[str, float]) -> tuple[list[str], float]:
        return self._chosen(config, {name: scores.get(name, 0.0) for name in config.names})

    def from_text(self, config: ManyOptions, text: str) -> list[str]:
        """Names separated by `|`, `;` or, where no option holds one, a comma."""
        for mark in "|;,":
            if mark in text and not any(mark in name for name in config.names):
                return self.validate(config, [part.strip() for part in text.split(mark) if part.strip()])
        return self.validate(config, [text.strip()] if text.strip() else [])

    def example(self) -> Example:
        config = {"options": ["beach", "people", "sunset"], "min": 0, "max": 3}
        return Example(config, (["beach", "people"], ["sunset"], []))

    @staticmethod
    def _chosen(config: ManyOptions, share: dict[str, float]) -> tuple[list[str], float]:
        ranked = sorted(share, key=lambda name: -share[name])
        count = sum(share[name] > 0.5 for name in ranked)
        chosen = set(ranked[: max(config.min, min(count, config.most))])
        sure = [share[name] if name in chosen else 1.0 - share[name] for name in share]
        return [name for name in share if name in chosen], sum(sure) / len(sure)
