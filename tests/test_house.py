"""The rules of the house that a machine can check."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "meguri"
ROOMS = [path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()]
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
LONGEST_FILE = 420
LONGEST_FUNCTION = 70
MEDIAN_FUNCTION = 12


def functions(path: Path) -> list[tuple[str, int]]:
    """Every function of a file with its number of lines."""
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def tracked() -> list[Path]:
    """Every text file that git keeps."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_no_file_holds_more_than_one_can_read_at_a_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): n for path in MODULES if (n := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert not long


def test_functions_are_small() -> None:
    lengths = sorted(length for path in MODULES for _, length in functions(path))
    assert lengths[len(lengths) // 2] <= MEDIAN_FUNCTION
    long = {
        f"{path.relative_to(ROOT)}:{name}": n for path in MODULES for name, n in functions(path) if n > LONGEST_FUNCTION
    }
    assert not long


def test_sql_lives_in_repositories() -> None:
    """Outside `storage`, only a room's drawers speak SQLAlchemy's query language."""
    asks = re.compile(r"\b(sa\.|sqlalchemy\.)?(select|insert|update|delete)\(")
    speakers = [
        str(path.relative_to(SOURCE))
        for path in MODULES
        if path.relative_to(SOURCE).parts[0] != "storage"
        and not path.name.startswith("repository")
        and path.parent.name != "repository"
        and path.name != "tables.py"
        and re.search(r"^\s*(import sqlalchemy|from sqlalchemy)(?! import Connection$)", path.read_text(), re.M)
        and asks.search(path.read_text())
    ]
    assert not speakers


def test_one_type_of_thing_is_never_asked_for_by_name_outside_its_own_file() -> None:
    asked = re.compile(r"""\b(type|kind|modality|strategy|format)\s*==\s*["']""")
    found = [
        f"{path.relative_to(SOURCE)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if asked.search(line)
    ]
    assert not found


def test_nothing_that_a_user_can_reach_is_unpickled() -> None:
    unsafe = re.compile(
        r"\b(import (pickle|joblib|shelve|marshal)|(pickle|joblib|marshal)\.loads?|yaml\.load\(|eval\(|exec\()"
    )
    found = [str(path.relative_to(SOURCE)) for path in MODULES if unsafe.search(path.read_text())]
    assert not found


def test_nothing_is_left_open() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    here = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".ts", ".tsx", ".md", ".css"} and path != here
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if words.search(line)
    ]
    assert not found


def test_no_file_names_this_machine() -> None:
    """A path of one machine makes a checkout fail on another."""
    homes = {str(Path.home()), str(ROOT)} - {"/"}
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if any(f"{home}/" in path.read_text(errors="replace") for home in homes)
    ]
    assert not found


def test_no_lock_file_names_a_host() -> None:
    """Whoever installs takes packages from where they always do."""
    locks = [path for path in tracked() if path.name.endswith((".lock", "-lock.json"))]
    assert len(locks) >= 4
    named = re.compile(r'"resolved"|--(extra-)?index-url|--find-links| @ (https?|file):')
    assert not [path.name for path in locks if named.search(path.read_text())]


def test_every_room_says_what_it_is_for() -> None:
    silent = [
        room for room in ROOMS if not (ast.get_docstring(ast.parse((SOURCE / room / "__init__.py").read_text())) or "")
    ]
    assert not silent


@pytest.mark.skipif(bool(os.environ.get("MEGURI_SKIP_SLOW_CHECKS")), reason="asked to skip what `make check` does")
def test_the_ladder_holds() -> None:
    done = subprocess.run(
        [str(ROOT / ".venv/bin/lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
