"""What an annotation type promises."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from meguri.kit.registry import Registry


class Config(BaseModel):
    """What the maker of a project says about a question of this type; the same JSON in and out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


C = TypeVar("C", bound=Config)


@dataclass(frozen=True, slots=True)
class Example:
    """A legal config and at least two legal, different answers to it, for contract tests and documentation."""

    config: dict[str, Any]
    values: tuple[Any, ...]


class AnnotationType(ABC, Generic[C]):
    """One kind of answer.

    A new type needs `name`, `Config`, `Value`, `validate`, `similarity` and `example`; the rest is derived.
    Values are JSON values in their one normal form: equal answers are equal values.
    """

    name: ClassVar[str]
    modalities: ClassVar[tuple[str, ...]] = ()  # which items it can be asked about; empty: all
    Config: type[C]
    Value: ClassVar[Any]  # a type that Pydantic understands; its JSON schema draws the form where none is written

    @abstractmethod
    def validate(self, config: C, value: Any) -> Any:
        """The value in normal form. Raises `ValueError` with one sentence that says what is wrong."""

    @abstractmethod
    def similarity(self, config: C, a: Any, b: Any) -> float:
        """How alike two answers are: 1 for the same, 0 for nothing in common; symmetric."""

    @abstractmethod
    def example(self) -> Example:
        """A legal config with answers."""

    def merge(self, config: C, values: Sequence[Any], weights: Sequence[float]) -> tuple[Any, float]:
        """The answer that several answers add up to, and how sure it is in [0, 1].

        Here: the given answer that is most alike to all others (the medoid), with its mean similarity. A type
        for which a better answer can be put together overrides this. Ties go to the answer given first.
        """
        total = sum(weights)
        support = [
            sum(weight * self.similarity(config, a, b) for b, weight in zip(values, weights, strict=True))
            for a in values
        ]
        best = max(range(len(values)), key=lambda i: support[i])
        return values[best], support[best] / total if total > 0 else 0.0

    def label(self, value: Any) -> str | None:
        """The value as a short text to filter and count by; None where it has no such form."""
        return None

    def classes(self, config: C) -> tuple[str, ...] | None:
        """The names to choose from, where the answer is made of names from a list; None elsewhere.

        A model that learns this question predicts a probability for each.
        """
        return None

    def indicator(self, config: C, value: Any) -> frozenset[str]:
        """Which of the `classes` the value holds."""
        return frozenset()

    def from_scores(self, config: C, scores: dict[str, float]) -> tuple[Any, float] | None:
        """The answer that class probabilities stand for and how sure it is; None where the type has no classes."""
        return None

    def from_text(self, config: C, text: str) -> Any:
        """The value that a cell of a table stands for. Raises `ValueError`."""
        return self.validate(config, text)


annotation_types: Registry[AnnotationType[Any]] = Registry("annotation type", "meguri.annotation.types")
