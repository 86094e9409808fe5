"""The server's process: it migrates, serves, and leaves when asked, streams or not."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from meguri.accounts import service
from meguri.kit.config import Config
from meguri.storage.store import Store

CODE = """
from meguri.api.serve import serve
from meguri.kit.config import Config
serve(Config.from_env())
print("tidied up")
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def came_up(process: subprocess.Popen[str], port: int) -> bool:
    """Whether the server answers within two minutes; one that does not is ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=5).is_success
        except httpx.HTTPError:
            time.sleep(0.1)
    process.kill()
    return False


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`serve` in a process of its own on an empty folder."""
    environ = {**os.environ, "MEGURI_DATA": str(tmp_path / "data"), "MEGURI_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert came_up(process, port), process.communicate()[1]
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_streams_and_comes_back_to_the_caller(
    server: subprocess.Popen[str], port: int, tmp_path: Path, number: signal.Signals
) -> None:
    store = Store.open(Config(data=tmp_path / "data"))
    owner = store.database.run(
        lambda tx: service.create_person(tx, email="a@example.org", name="A", password=None, role="owner")
    )
    token, _ = store.database.run(lambda tx: service.create_token(tx, owner.id, "test"))
    store.close()
    where = f"http://127.0.0.1:{port}/api/v1/projects/1/events"
    with httpx.stream("GET", where, headers={"Authorization": f"Bearer {token}"}, timeout=20) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        asked = time.monotonic()
        server.send_signal(number)
        assert not [line for line in lines if line.startswith("event: change")]
    out, _ = server.communicate(timeout=20)
    assert time.monotonic() - asked < 10
    assert server.returncode == 0
    assert "tidied up" in out
