"""Content under the name of its hash, whole or not at all."""

import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from meguri.kit.errors import NotFound
from meguri.kit.ids import content_hash
from meguri.storage.blobs import Blobs, blob_ref


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """A folder on this machine, and something that is not one, as S3."""
    if request.param == "memory":
        fsspec.filesystem("memory").store.clear()
        return Blobs("memory://bucket/blobs")
    return Blobs(str(tmp_path / "blobs"))


def test_what_is_put_is_got_back_under_its_hash(blobs: Blobs) -> None:
    name = blobs.put(b"seven")
    assert name == content_hash(b"seven")
    assert blobs.get(name) == b"seven"
    assert blobs.open(name).read() == b"seven"
    assert (blobs.size(name), blobs.exists(name)) == (5, True)


def test_the_same_content_is_kept_once(blobs: Blobs) -> None:
    assert blobs.put(b"twice") == blobs.put(b"twice")


def test_nothing_is_content_too(blobs: Blobs) -> None:
    assert blobs.get(blobs.put(b"")) == b""


def test_a_part_can_be_streamed(blobs: Blobs) -> None:
    name = blobs.put(b"0123456789")
    assert b"".join(blobs.stream(name)) == b"0123456789"
    assert b"".join(blobs.stream(name, 2, 5)) == b"234"
    assert b"".join(blobs.stream(name, 8)) == b"89"


def test_what_is_missing_is_said_to_be_missing(blobs: Blobs) -> None:
    with pytest.raises(NotFound) as missing:
        blobs.get("0" * 64)
    assert missing.value.code == "storage.blob_missing"
    assert not blobs.exists("0" * 64)


def test_names_from_outside_cannot_leave_the_store() -> None:
    for name in ("../../etc/passwd", "A" * 64, "", "0" * 63, "0" * 65, f"{'0' * 63}/"):
        with pytest.raises(NotFound):
            blob_ref(name)
    assert blob_ref("0f" * 32) == "0f" * 32


def test_only_a_folder_has_files_of_its_own(tmp_path: Path) -> None:
    here = Blobs(str(tmp_path))
    path = here.local_path(here.put(b"x"))
    assert path is not None and path.read_bytes() == b"x"
    assert Blobs("memory://b").local_path("0" * 64) is None


def test_a_writer_killed_in_the_middle_leaves_no_half_file_under_a_name(tmp_path: Path) -> None:
    code = """
import os, sys
from meguri.storage.blobs import Blobs
blobs = Blobs(sys.argv[1])
n = 0
while True:
    print(blobs.put(os.urandom(8) * 50_000), flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        acknowledged = [process.stdout.readline().strip() for _ in range(30)]
        process.kill()
    blobs = Blobs(str(tmp_path))
    for name in acknowledged:
        assert blobs.exists(name)
    for path in tmp_path.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            assert content_hash(path.read_bytes()) == path.name
