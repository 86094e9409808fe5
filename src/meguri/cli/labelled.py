"""Labelled data from disk, for simulations: every row has its content and its true label."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from meguri.data.modalities.base import modalities
from meguri.formats import service as formats
from meguri.formats.base import Problem, ReadOptions, Row
from meguri.formats.checked import told
from meguri.formats.preview import preview
from meguri.kit.errors import Invalid

TEXT = "text"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows named by their place (`key`), and their true labels."""

    name: str
    modality: str
    rows: list[Row]
    labels: list[str]
    columns: dict[str, str | None] = field(default_factory=dict)  # of a table: where content and label were found

    @property
    def classes(self) -> list[str]:
        """Every label that occurs, in order."""
        return sorted(set(self.labels))

    def label_of(self, key: str | None) -> str:
        """The true label of a row."""
        return self.labels[int(key or 0)]

    def unlabelled(self) -> Iterator[Row]:
        """The rows as somebody has them who has yet to label them."""
        return (replace(row, label=None) for row in self.rows)

    def only(self, count: int, rng: np.random.Generator) -> "Labelled":
        """`count` rows drawn at random."""
        if count >= len(self.rows):
            return self
        drawn = sorted(rng.choice(len(self.rows), count, replace=False))
        rows = [replace(self.rows[place], key=str(number)) for number, place in enumerate(drawn)]
        return replace(self, rows=rows, labels=[self.labels[place] for place in drawn])


def read(path: Path, *, label: str = "", text: str = "", encoding: str = "utf-8") -> Labelled:
    """Read a folder of class folders, a CSV or a JSONL file. Raises `Invalid` that names the rows at fault."""
    modality = modality_of(path)
    options = ReadOptions(
        inline=modalities[modality].inline,
        name=path.name,
        text_column=text or None,
        label_column=label or None,
        encoding=encoding,
        folders="yes" if path.is_dir() else "auto",
    )
    if path.is_file():
        options = _with_columns(path, options)
    found = of_rows(path.name, modality, formats.read_path(path, options))
    return replace(found, columns={"text": options.text_column, "label": options.label_column})


def _with_columns(path: Path, options: ReadOptions) -> ReadOptions:
    """The options with the columns that were not named guessed."""
    with path.open("rb") as source:
        look = preview(source, options)
    if not look.columns:
        return options  # what is wrong with it is said where it is read
    for name in (options.text_column, options.label_column):
        if name is not None and name not in look.columns:
            raise Invalid(
                f"{path.name} has no column {name!r}; there are: {', '.join(look.columns)}.", code="formats.no_column"
            )
    if look.guessed["label"] is None:
        raise Invalid(
            f"Which column of {path.name} holds the label? Name it with --label: {', '.join(look.columns)}.",
            code="simulate.no_label",
        )
    return replace(options, text_column=look.guessed["text"], label_column=look.guessed["label"])


def of_rows(name: str, modality: str, rows: Iterable[Row | Problem]) -> Labelled:
    """Keep the rows that have content and a label; each is named by its place."""
    kept: list[Row] = []
    problems: list[Problem] = []
    seen = 0
    for row in rows:
        seen += 1
        if isinstance(row, Problem):
            problems.append(row)
        elif row.label not in (None, ""):
            kept.append(replace(row, key=str(len(kept)), label=str(row.label), meta={}))
    if problems:
        raise told(problems)
    labels = [str(row.label) for row in kept]
    if len(set(labels)) < 2:
        raise Invalid(
            f"{name} has {seen} rows, of which {len(kept)} have a label, and {len(set(labels))} different labels; "
            "a simulation needs at least two.",
            code="simulate.too_few_classes",
        )
    return Labelled(name, modality, kept, labels)


def modality_of(path: Path) -> str:
    """What the files of a folder are, by their content; tables hold texts."""
    if path.is_file():
        return TEXT
    for found in sorted(path.rglob("*")):
        if found.is_file() and not found.name.startswith("."):
            head = found.read_bytes()
            kinds = [name for name, kind in modalities.items() if not kind.inline and kind.sniff(head)]
            return kinds[0] if kinds else TEXT
    raise Invalid(f"There is no file in {path}.", code="simulate.empty")
