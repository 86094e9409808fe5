"""Rows that were read, checked and hashed, waiting in a temporary file to be written in one short transaction."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from meguri.annotation.model import Answers
from meguri.data.entry import preparer
from meguri.data.modalities import modalities
from meguri.data.model import NewItem, Prepared
from meguri.formats.base import MEGABYTE, Problem, ReadOptions, Row
from meguri.formats.fetch import Limits, fetch
from meguri.formats.labels import answers_of, known_labels
from meguri.formats.shape import row_of
from meguri.kit.config import Config
from meguri.kit.errors import Invalid
from meguri.labelling.model import Project
from meguri.storage.blobs import Blobs

MOST_PROBLEMS = 50
_IN_MEMORY = 16 * MEGABYTE


@dataclass(slots=True)
class Checked:
    """A file of prepared items, each with the answers that came along. Read it as often as needed, then close it."""

    file: IO[bytes]
    count: int = 0

    def __iter__(self) -> Iterator[tuple[Prepared, Answers | None]]:
        self.file.seek(0)
        for line in self.file:
            *prepared, answers = json.loads(line)
            yield Prepared(*prepared), answers

    def close(self) -> None:
        """Forget the rows."""
        self.file.close()


def options_for(config: Config, project: Project, **said: Any) -> ReadOptions:
    """How files are read for a project within the installation's limits; `said` is what the importer named."""
    question = said.pop("question", None)
    given = {name: value for name, value in said.items() if value not in (None, "")}
    return ReadOptions(
        inline=modalities[project.modality].inline,
        questions=() if question else tuple(one.name for one in project.schema.questions),
        known_labels=known_labels(project.schema, question or None),
        max_row=config.max_row_mb * MEGABYTE,
        max_item=config.max_item_mb * MEGABYTE,
        max_total=4 * config.max_upload_mb * MEGABYTE,
        **given,
    )


def check(
    blobs: Blobs, project: Project, rows: Iterable[Row | Problem], max_item: int, question: str | None = None
) -> Checked:
    """Read all rows, check each, keep its content; memory does not grow with their number.

    Raises `Invalid` that names up to MOST_PROBLEMS rows with what is wrong and how to mend it. Content kept by then
    stays in the store under its hash, where nothing refers to it.
    """
    if question is not None:
        project.schema.question(question)
    checker = _Checker(blobs, project, max_item, question)
    checked = Checked(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 (closed by the caller)
    try:
        for number, row in enumerate(rows, start=1):
            line = checker.line(row, number)
            if line is not None:
                checked.file.write(line)
                checked.count += 1
        checker.finish()
        if not checked.count:
            raise Invalid("There is nothing in it to import; send at least one row.", code="formats.empty")
    except BaseException:
        checked.close()
        raise
    return checked


class _Checker:
    def __init__(self, blobs: Blobs, project: Project, max_item: int, question: str | None) -> None:
        self._prepare: Callable[[NewItem, int], Prepared] = preparer(blobs, project.home)
        self._schema = project.schema
        self._max_item = max_item
        self._question = question
        self._problems: list[Problem] = []

    def line(self, row: Row | Problem, number: int) -> bytes | None:
        """The row as it waits in the file; None where it has a problem, which is noted."""
        if isinstance(row, Problem):
            self._note(row)
            return None
        answers = answers_of(self._schema, row, self._question)
        if isinstance(answers, Problem):
            self._note(answers)
            return None
        try:
            prepared = self._prepare(new_item(row, self._max_item), number)
        except Invalid as error:
            self._note(_as_problem(error, row))
            return None
        return json.dumps((*prepared, answers)).encode() + b"\n" if not self._problems else None

    def finish(self) -> None:
        """Raise if anything was wrong."""
        if self._problems:
            raise told(self._problems)

    def _note(self, problem: Problem) -> None:
        self._problems.append(problem)
        if len(self._problems) >= MOST_PROBLEMS:
            raise told(self._problems)


def new_item(row: Row, max_item: int) -> NewItem:
    """The row as an item to be; what it names by address is fetched."""
    content = row.content
    if row.url is not None:
        content = fetch(row.url, Limits(max_item))
    size = len(content) if content is not None else len(row.text or "")
    if size > max_item:
        limit = f"{max_item / MEGABYTE:g}"
        raise Invalid(f"The item is larger than {limit} MB; make it smaller.", code="data.too_large")
    return NewItem(row.key, row.text, content, row.meta, row.gold, row.number, row.file)


def new_items(config: Config, project: Project, values: Mapping[int, Mapping[str, Any]]) -> list[NewItem]:
    """Rows of a request, by their place in it, as items to be; raises `Invalid` that names each row at fault."""
    options = options_for(config, project)
    rows = [row_of(dict(value), number, options) for number, value in values.items()]
    problems = [row for row in rows if isinstance(row, Problem)]
    items: list[NewItem] = []
    for row in rows:
        if isinstance(row, Row):
            try:
                items.append(new_item(row, options.max_item))
            except Invalid as error:
                problems.append(_as_problem(error, row))
    if problems:
        raise told(problems)
    return items


def _as_problem(error: Invalid, row: Row) -> Problem:
    place = error.where[0] if error.where else {}
    problem = place.get("problem", error.detail)
    params = {name: value for name, value in error.params.items() if name not in ("row", "field")}
    return Problem(row.number, problem, error.code, place.get("field", ""), row.file, params)


def told(problems: list[Problem]) -> Invalid:
    """Several problems as one error: the first in words, all of them in `where`."""
    first = problems[0]
    where = f"{first.file}, row {first.row}" if first.file else f"Row {first.row}"
    more = f" ({len(problems) - 1} more rows have a problem.)" if len(problems) > 1 else ""
    codes = {problem.code for problem in problems}
    return Invalid(
        f"{where}: {first.problem}{more} Nothing was imported.",
        code=first.code if len(codes) == 1 else "formats.rows",
        where=[problem.to_json() for problem in problems],
        **{**first.params, "row": first.row, "problems": len(problems)},
    )
