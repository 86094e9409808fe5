"""What the page is built from and how large it is at first; needs no server and no browser."""

import gzip
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.conftest import _missing

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
FIRST = 180_000  # bytes of script, compressed, that a first visit may fetch before it shows anything


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("page_build", FRONTEND / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["page_build"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def node(build: ModuleType) -> None:
    if build.find_node() is None:
        _missing("Node 22.12 or newer")


@pytest.fixture(scope="module")
def page(build: ModuleType) -> Path:
    if not (build.PAGE / "index.html").is_file():
        _missing("the built page (make page)")
    return Path(build.PAGE)


def test_the_typed_client_is_that_of_this_server(build: ModuleType, node: None) -> None:
    assert build.schema() == build.SCHEMA.read_text(), "frontend/src/api/schema.ts is out of date: run `make client`"


def test_what_a_first_visit_loads_is_small(page: Path) -> None:
    asked = set(re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', (page / "index.html").read_text()))
    words = max((path for path in (page / "assets").glob("[ej][na]-*.js")), key=lambda path: path.stat().st_size)
    sizes = [len(gzip.compress((page / name).read_bytes())) for name in asked]
    assert asked
    assert sum(sizes) + len(gzip.compress(words.read_bytes())) <= FIRST


def test_the_lock_names_no_registry() -> None:
    packages = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    assert not [name for name, about in packages.items() if "resolved" in about]


def test_nothing_built_is_committed() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not re.findall(r"^(?:src/meguri/api/page|frontend/node_modules)/", known, re.M)


def test_a_change_of_any_source_is_noticed_and_a_test_is_none(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    source = tmp_path / "src" / "main.tsx"
    source.write_text("one")
    monkeypatch.setattr(build, "HERE", tmp_path)
    before = build.fingerprint()
    (tmp_path / "src" / "main.test.ts").write_text("a test")
    assert build.fingerprint() == before
    source.write_text("two")
    assert build.fingerprint() != before


def test_an_old_node_on_the_path_is_not_used(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v20.20.2\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert build._node_on_path() is None
