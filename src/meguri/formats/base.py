"""What a format promises, and the small objects it works with."""

from abc import ABC
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import IO, Any, ClassVar

from meguri.annotation.model import Question
from meguri.data.model import Item
from meguri.kit.errors import Invalid
from meguri.kit.registry import Registry

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One item to be: its content in one of three ways, and what is known of it.

    `number` is its place as the eye finds it (the line, the spreadsheet's row, the file's place), from 1.
    `label` is a value of the first question, or `{question: value}`; text is read as a cell of a table is.
    """

    number: int
    text: str | None = None
    content: bytes | None = None
    url: str | None = None
    key: str | None = None
    meta: dict[str, Any] = made_by(default_factory=dict)
    label: Any = None
    gold: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one row cannot be read and how to mend it; the rows after it can."""

    row: int
    problem: str
    code: str
    field: str = ""
    file: str = ""
    params: dict[str, Any] = made_by(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The place in the shape of `MeguriError.where`."""
        told: dict[str, Any] = {"row": self.row, "problem": self.problem, "code": self.code}
        if self.field:
            told["field"] = self.field
        if self.file:
            told["file"] = self.file
        return {**told, **({"params": self.params} if self.params else {})}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the one who imports says about the file, and the limits of the installation (in bytes)."""

    inline: bool = True  # the items are text
    name: str = ""  # of the file
    text_column: str | None = None
    label_column: str | None = None
    key_column: str | None = None
    encoding: str = "utf-8"
    folders: str = "auto"  # whether a folder's name is a label: yes, no, or when some of them are known labels
    questions: tuple[str, ...] = ()  # a table's columns of these names are labels, where no label column is known
    known_labels: frozenset[str] = frozenset()
    max_row: int = 8 * MEGABYTE
    max_item: int = 64 * MEGABYTE
    max_total: int = 8192 * MEGABYTE  # of everything unpacked

    @property
    def is_table(self) -> bool:
        """Whether columns were named, so that every other column is meta."""
        return bool(self.text_column or self.label_column or self.key_column)


@dataclass(frozen=True, slots=True)
class Label:
    """What the answers to one question add up to; `text` is its short form, if it has one."""

    value: Any
    confidence: float
    answers: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One item on its way out. `annotations` are `{person, answers, seconds, at, reason}`."""

    item: Item
    labels: dict[str, Label]
    annotations: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """What a writer may ask for: the questions in order, and the bytes of an item."""

    questions: tuple[Question, ...]
    content: Callable[[Item], bytes]


class Format(ABC):
    """One way to write items down. A format that only reads or only writes overrides one method."""

    name: ClassVar[str]
    reads: ClassVar[bool] = False
    writes: ClassVar[bool] = False
    many: ClassVar[bool] = True  # a file holds many items
    mime: ClassVar[str] = "application/octet-stream"
    suffix: ClassVar[str] = ""
    rank: ClassVar[int] = 50  # of those that recognise a file, the lowest reads it

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether a file of this name that begins with these bytes (up to 1,024) is written this way."""
        return False

    def read(self, source: IO[bytes], options: ReadOptions) -> Iterator[Row | Problem]:
        """The rows of a seekable file, one at a time. Raises `Invalid` where the file as a whole cannot be read."""
        raise Invalid(f"Items cannot be read from {self.name}.", code="formats.no_reader", format=self.name)

    def table(self, source: IO[bytes], options: ReadOptions, count: int) -> tuple[list[str], list[dict[str, Any]]]:
        """The columns and the first rows as they stand in the file; none where it has no columns."""
        return [], []

    def write(self, records: Iterable[Record], target: Target) -> Iterator[bytes]:
        """The records as the bytes of one file, piece by piece."""
        raise Invalid(f"Items cannot be written as {self.name}.", code="formats.no_writer", format=self.name)


formats = Registry[Format]("format", "meguri.formats.members")


def recognise(name: str, head: bytes) -> Format | None:
    """The format that a file is written in, by its first bytes and, where they do not tell, by its name."""
    fitting = [member for member in formats.values() if member.reads and member.recognises(name, head)]
    return min(fitting, key=lambda member: member.rank, default=None)
