"""The tutorial is run as it is written, against a real server and a real worker."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bench.crash import free_port, wait_for

PAGE = Path(__file__).parent.parent / "docs" / "tutorial.md"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[dict[str, str]]:
    """`meguri up` in an empty folder, and the token that the tutorial makes on the command line."""
    port = free_port()
    environment = {**os.environ, "MEGURI_DATA": str(tmp_path), "MEGURI_PASSWORD": "correct horse battery"}
    meguri = [sys.executable, "-m", "meguri"]
    server = subprocess.Popen([*meguri, "up", "--port", str(port)], env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/v1")
        for arguments in re.findall(r"^meguri ((?:user|token) [^#\n]*)", PAGE.read_text(), re.M):
            done = subprocess.run(
                [*meguri, *arguments.split()], env=environment, capture_output=True, text=True, check=True
            )
        yield {"MEGURI_URL": f"http://127.0.0.1:{port}", "MEGURI_TOKEN": done.stdout.strip()}
    finally:
        server.terminate()
        server.wait(30)


def test_the_tutorial_runs_as_written(
    running: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in running.items():
        monkeypatch.setenv(name, value)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    started = time.monotonic()
    namespace: dict[str, object] = {}
    try:
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), namespace)
            assert time.monotonic() - started < 120
    finally:
        client = namespace.get("meguri")
        if client is not None:
            client.close()  # type: ignore[attr-defined]
    said = capsys.readouterr().out
    assert "{'created': 240, 'existing': 0}" in said
    assert "242 lines" in said  # the two that production brought are items as well


def test_a_client_says_what_the_server_refused(running: dict[str, str]) -> None:
    from meguri import Client, MeguriProblem

    with Client(running["MEGURI_URL"], token="mgr_nobody") as stranger, pytest.raises(MeguriProblem) as refused:
        stranger.projects()
    assert refused.value.status == httpx.codes.UNAUTHORIZED
    assert refused.value.code == "unauthenticated"
