"""The worker's process from start to stop, and the list of rooms."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from meguri.kit.config import Config
from meguri.storage import jobs, migrate
from meguri.storage.store import Store
from meguri.worker import rooms
from meguri.worker.rooms import ROOMS

PATIENCE = 120  # a machine may be busy with other things
CODE = """
import sys
from pathlib import Path
from meguri.kit.config import Config
from meguri.worker.main import run_worker
run_worker(Config(data=Path(sys.argv[1]), database_url=sys.argv[2]))
"""


def start(config: Config) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CODE, str(config.data), config.database_url]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr and any("worker.started" in line for line in process.stderr), "it ended before it started"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_prepares_an_empty_database_works_and_leaves_when_told(config: Config, number: signal.Signals) -> None:
    with start(config) as process:
        store = Store.open(config)
        asked = store.database.run(lambda tx: jobs.enqueue(tx, "loop.advance", {"project": 4711}))
        end = time.monotonic() + PATIENCE
        while True:
            with store.database.read() as tx:
                job = jobs.get(tx, asked)
            if job.state in ("done", "failed"):
                break
            assert time.monotonic() < end
            time.sleep(0.05)
        assert "No room knows" not in (job.error or ""), "the handlers of all rooms are there"
        store.close()
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0


def test_the_second_signal_ends_a_worker_at_once(tmp_path: Path) -> None:
    config = Config(data=tmp_path, database_url=f"sqlite:///{tmp_path / 'meguri.db'}")
    with start(config) as process:
        process.terminate()
        process.terminate()
        process.wait(PATIENCE)


def test_the_list_of_rooms_is_the_list_of_folders() -> None:
    source = Path(rooms.__file__).parent.parent
    folders = {path.name for path in source.iterdir() if (path / "__init__.py").exists()}
    assert set(ROOMS) == folders - {"kit", "api", "cli", "worker"}


def test_migrating_needs_no_room(tmp_path: Path) -> None:
    """The scripts stand alone: the server may migrate before it knows any room."""
    code = "import sys\nfrom pathlib import Path\nfrom meguri.kit.config import Config\n"
    code += "from meguri.storage import migrate\nfrom meguri.storage.store import Store\n"
    code += "migrate.upgrade(Store.open(Config(data=Path(sys.argv[1]))))\n"
    code += "sys.exit(any(name.startswith('meguri.labelling') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
    store = Store.open(Config(data=tmp_path))
    migrate.upgrade(store)
    store.close()
