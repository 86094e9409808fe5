"""Labelled data from disk, for simulations: every row has its content and its true label."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from meguri.data.modalities.base import modalities
from meguri.formats import service as formats
from meguri.formats.base import Problem, ReadOptions, Row
from meguri.formats.checked import told
from meguri.kit.errors import Invalid

TEXT = "text"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows named by their place (`key`), and their true labels."""

    name: str
    modality: str
    rows: list[Row]
    labels: list[str]

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
        text_column=text or None,
        label_column=label or None,
        encoding=encoding,
        folders="yes" if path.is_dir() else "auto",
    )
    return of_rows(path.name, modality, formats.read_path(path, options))


def of_rows(name: str, modality: str, rows: Iterable[Row | Problem]) -> Labelled:
    """Keep the rows that have content and a label; each is named by its place."""
    kept: list[Row] = []
    problems: list[Problem] = []
    seen = 0
    columns: list[str] = []
    for row in rows:
        seen += 1
        if isinstance(row, Row):
            columns = columns or list(row.meta)
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
            "a simulation needs at least two. Name the column with --label"
            + (f"; there are: {', '.join(columns)}." if columns else "."),
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
