"""What every model promises, and how its artefact is written without pickle."""

import io
import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from meguri.kit.errors import Invalid
from meguri.kit.registry import Registry

Matrix: TypeAlias = Any  # (items, features): a float array, or a scipy CSR matrix
Reals: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

THE_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a date in the archive would give the same model another hash


@dataclass(frozen=True, slots=True)
class Training:
    """What a model learns from.

    `targets` is (items, classes): exactly one true in each row, or any number where `multiple`.
    `weights` (items,) says how far each label is trusted, 0 … 1. `background` holds some unlabelled rows,
    from which a model may learn what is common.
    """

    features: Matrix
    targets: Bools
    classes: tuple[str, ...]
    multiple: bool
    weights: Reals
    background: Matrix | None = None


class Fitted(ABC):
    """A trained model."""

    classes: tuple[str, ...]
    multiple: bool
    card: dict[str, Any]  # what the training found out about itself

    @abstractmethod
    def predict(self, features: Matrix) -> Reals:
        """Calibrated probabilities (items, classes); rows sum to 1 unless several classes may hold at once."""

    @abstractmethod
    def save(self) -> bytes:
        """The artefact: `pack` of plain arrays and JSON. The same model gives the same bytes."""


class Model(ABC):
    """A way to learn. The same training and seed give the same model."""

    name: ClassVar[str]

    @abstractmethod
    def fit(self, training: Training, rng: np.random.Generator) -> Fitted:
        """Learn. Raises `Invalid` with code `learning.too_few_classes` where there is nothing to tell apart."""

    @abstractmethod
    def load(self, artefact: bytes) -> Fitted:
        """What `save` wrote; it predicts the same."""


models = Registry[Model]("model", "meguri.learning.models")


def check_two_classes(training: Training) -> None:
    """A model needs something to tell apart: two classes, or one that holds for some items only."""
    share = training.targets.mean(axis=0) if len(training.targets) else np.zeros(len(training.classes))
    enough = ((share > 0) & (share < 1)).any() if training.multiple else (share > 0).sum() >= 2
    if not enough:
        seen = [name for name, part in zip(training.classes, share, strict=True) if part > 0]
        raise Invalid(
            f"A model needs labels of at least two answers; so far there are only {seen}.",
            code="learning.too_few_classes",
            seen=seen,
        )


def pack(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """One zip of `header.json` and `<name>.npy` files; equal content, equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(header, sort_keys=True, ensure_ascii=False)
        archive.writestr(zipfile.ZipInfo("header.json", THE_FIRST_DAY), text)
        for name, array in sorted(arrays.items()):
            part = io.BytesIO()
            np.save(part, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", THE_FIRST_DAY), part.getvalue())
    return out.getvalue()


def unpack(artefact: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """What `pack` wrote. Never runs code: objects inside are refused."""
    with zipfile.ZipFile(io.BytesIO(artefact)) as archive:
        header: dict[str, Any] = json.loads(archive.read("header.json"))
        arrays = {
            name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            for name in archive.namelist()
            if name.endswith(".npy")
        }
    return header, arrays
