"""The command `meguri`."""

import os
import sys
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console

from meguri import __version__
from meguri.kit.errors import MeguriError

# Our matrices are small: several threads of BLAS only wait for each other, at up to sixty times the CPU time. Said
# before numpy is imported; jobs run beside each other instead.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# Each module brings an `add(app)` that hangs its commands on the tree.
MODULES = ("up", "demo", "simulate", "files", "people", "models", "backup")

app = typer.Typer(
    name="meguri",
    help="Closes the loop between people and a model: label, learn, verify, serve, review, learn again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"meguri {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Closes the loop between people and a model."""


def _needed(arguments: list[str]) -> tuple[str, ...]:
    """The modules of the command that was typed: a server starts faster without the simulations."""
    return ("up",) if arguments[:1] in (["up"], ["worker"]) else MODULES


for name in _needed(sys.argv[1:]):
    import_module(f"meguri.cli.{name}").add(app)


def main() -> None:
    """Run the command; what the house refuses is said in words, without a traceback."""
    try:
        app()
    except MeguriError as error:
        complain(error)
        sys.exit(1)


def complain(error: MeguriError) -> None:
    """Say what is wrong, where, and how to mend it."""
    console = Console(stderr=True, highlight=False)
    console.print(f"[bold red]{error.title}:[/] {error.detail}")
    for place in error.where[:50]:
        named = ", ".join(f"{key} {value}" for key, value in place.items() if key != "problem")
        console.print(f"  {named}: {place.get('problem', '')}" if named else f"  {place.get('problem', '')}")
