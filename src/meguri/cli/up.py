"""`meguri up`: server, worker and page with one command; `meguri worker`: one more pair of hands."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Annotated

import typer
from rich.console import Console

from meguri.cli.common import DataOption
from meguri.kit.config import Config

PATIENCE = 10.0  # seconds that a worker gets to finish when we leave
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


def add(app: typer.Typer) -> None:
    """Hang the commands on the tree."""
    app.command()(up)
    app.command()(worker)


def up(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: 8321.")] = None,
    with_worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Run a worker beside the server.")] = True,
) -> None:
    """Start server, worker and web page: http://127.0.0.1:8321."""
    run_up(Config.from_env(data=data, host=host, port=port), with_worker=with_worker)


def worker(
    data: DataOption = None,
    queues: Annotated[str, typer.Option(help="Which kinds of job to do, separated by commas.")] = "cpu,gpu",
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Do the jobs of an installation. With PostgreSQL, on as many machines as you like."""
    from meguri.worker.main import run_worker

    if with_parent:
        _leave_with(os.getppid())
    run_worker(Config.from_env(data=data), tuple(name.strip() for name in queues.split(",") if name.strip()))


def run_up(config: Config, *, with_worker: bool = True) -> None:
    """Serve until a signal; the worker is a process of its own, started again should it die."""
    from meguri.api.serve import serve

    Console(stderr=True, highlight=False).print(
        f"Meguri: [bold]http://{config.host}:{config.port}[/]   (data in {config.data})"
    )
    helper = _Supervised(config) if with_worker else None
    if helper:
        helper.start()
    try:
        serve(config)
    finally:
        if helper:
            helper.stop()


def _leave_with(parent: int) -> None:
    """End this process when its parent is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="meguri-parent", daemon=True).start()


class _Supervised:
    """The worker's process, kept alive."""

    def __init__(self, config: Config) -> None:
        self._command = [sys.executable, "-m", "meguri", "worker", "--with-parent", "--data", str(config.data)]
        self._leaving = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="meguri-supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._leaving.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._thread.join(PATIENCE)

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while not self._leaving.is_set():
            started = time.monotonic()
            self._process = subprocess.Popen(self._command)
            self._process.wait()
            pause = FIRST_PAUSE if time.monotonic() - started > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            self._leaving.wait(pause)
