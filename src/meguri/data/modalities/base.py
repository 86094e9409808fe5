"""What a modality promises."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from meguri.kit.registry import Registry


class Modality(ABC):
    """One kind of data. It knows content by the bytes, never by a file's name."""

    name: ClassVar[str]
    inline: ClassVar[bool] = False  # content is text and lives in the database instead of the blob store

    @abstractmethod
    def sniff(self, content: bytes) -> str | None:
        """The MIME type of content of this kind; None where it is something else."""

    @abstractmethod
    def describe(self, content: bytes) -> dict[str, Any]:
        """Read the content to its end and tell its traits (width, height, length).

        Raises `kit.errors.Invalid` where it is broken or too large to be opened safely.
        """

    def thumbnail(self, content: bytes, size: int) -> bytes | None:
        """A picture of at most `size` × `size` pixels as WebP; None where this kind has none."""
        return None

    @abstractmethod
    def example(self) -> bytes:
        """Some small legal content, for the contract test."""


modalities = Registry[Modality]("modality", "meguri.data.modalities")
