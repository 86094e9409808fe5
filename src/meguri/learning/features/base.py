"""What every feature extractor promises."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from meguri.kit.errors import Invalid
from meguri.kit.registry import Registry

Content: TypeAlias = str | bytes
Floats: TypeAlias = npt.NDArray[np.float32]
Matrix: TypeAlias = Any  # (items, features): a float32 array, or a scipy CSR matrix of float32


class FeatureExtractor(ABC):
    """Turns contents into rows of numbers.

    A row depends on its content alone, never on the other rows, so that it can be kept for ever
    under the content's hash and the extractor's `version`. Change the version whenever the
    numbers change.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    modalities: ClassVar[tuple[str, ...]]
    sparse: ClassVar[bool] = False

    @property
    def tag(self) -> str:
        """Name and version: what features are cached and models are recorded under."""
        return f"{self.name}-{self.version}"

    @abstractmethod
    def extract(self, contents: Sequence[Content]) -> Matrix:
        """One row for each content, finite, of unit length or zero. Float32, dense or CSR as `sparse` says."""

    @abstractmethod
    def example(self) -> Sequence[Content]:
        """A few legal contents, all different."""


extractors = Registry[FeatureExtractor]("feature extractor", "meguri.learning.features")


def extractor_for(name: str, modality: str) -> FeatureExtractor:
    """The extractor of that name; `auto` is the first one made for the modality."""
    if name != "auto":
        return extractors[name]
    for extractor in extractors.values():
        if modality in extractor.modalities:
            return extractor
    raise Invalid(f"No feature extractor reads {modality}.", code="learning.no_features", modality=modality)
