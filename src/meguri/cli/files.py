"""`meguri import` and `meguri export`: items in, labels out."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import track

from meguri.cli.common import DataOption, opened
from meguri.formats import service as formats
from meguri.formats.base import Problem, ReadOptions, Row
from meguri.formats.checked import check, options_for
from meguri.formats.export import count_answers, export
from meguri.kit.config import Config
from meguri.labelling import service as labelling

ACTOR = "system"


def add(app: typer.Typer) -> None:
    """Hang the commands on the tree."""
    app.command("import")(import_files)
    app.command("export")(export_labels)


def import_files(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files, ZIPs or folders of class folders.")],
    text: Annotated[str, typer.Option(help="The column that holds the text.")] = "",
    label: Annotated[str, typer.Option(help="The column that holds the label.")] = "",
    key: Annotated[str, typer.Option(help="The column that holds your own name for the item.")] = "",
    question: Annotated[str, typer.Option(help="The question that labels answer. Default: the first.")] = "",
    encoding: Annotated[str, typer.Option(help="How text files are encoded, such as cp932.")] = "utf-8",
    data: DataOption = None,
) -> None:
    """Add files to a project: all rows, or none and a list of what is wrong with which row."""
    said = {"text_column": text, "label_column": label, "key_column": key, "encoding": encoding}
    config = Config.from_env(data=data)
    with opened(config) as store:
        with store.database.read() as tx:
            into = labelling.project(tx, project)
        options = options_for(config, into, question=question, **said)
        rows = track(_rows(paths, options), "reading", transient=True, console=Console(stderr=True))
        with closing(check(store.blobs, into, rows, options.max_item, question or None)) as checked:
            counts = store.database.run(lambda tx: formats.write(tx, into, checked, ACTOR))
    Console().print(f"{counts['created']} added, {counts['existing']} were there before.")


def export_labels(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    format: Annotated[str, typer.Option(help="jsonl, csv or folder (a ZIP of class folders).")] = "jsonl",
    output: Annotated[Path | None, typer.Option(help="A file. Default: the terminal.")] = None,
    data: DataOption = None,
) -> None:
    """Stream the labels of a project out."""
    with opened(Config.from_env(data=data)) as store:
        with store.database.read() as tx:
            wanted = labelling.project(tx, project)
        count_answers(store.database, wanted)
        with store.database.read() as tx:
            pieces = export(tx, store.blobs, wanted, format)
            if output is None:
                _pour(pieces, sys.stdout.buffer)
            else:
                with output.open("wb") as target:
                    _pour(pieces, target)


def _pour(pieces: Iterator[bytes], target: IO[bytes]) -> None:
    for piece in pieces:
        target.write(piece)
    target.flush()


def _rows(paths: list[Path], options: ReadOptions) -> Iterator[Row | Problem]:
    """The rows of all paths; where there are several, a row's file is named with its path."""
    for path in paths:
        for row in formats.read_path(path, options):
            yield row if len(paths) == 1 or row.file else replace(row, file=str(path))
