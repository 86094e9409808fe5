"""Durable jobs: asked for in a transaction, run by a worker at least once, seen by everyone.

A room's `jobs.py` registers handlers; any process enqueues (the row is written in the caller's own
transaction, so a job exists exactly if its cause does); workers run them through the engine. A handler
runs at least once: it must be idempotent, and short, for it holds one of the worker's slots.
"""

from meguri.storage.jobs.ask import by_key, enqueue, get, last_change, page, retry, wake
from meguri.storage.jobs.handlers import Transient, handler, tick
from meguri.storage.jobs.model import Job, State
from meguri.storage.jobs.process import in_subprocess
from meguri.storage.jobs.run import Run, run_pending, run_ticks
from meguri.storage.jobs.work import work

__all__ = [
    "Job",
    "Run",
    "State",
    "Transient",
    "by_key",
    "enqueue",
    "get",
    "handler",
    "in_subprocess",
    "last_change",
    "page",
    "retry",
    "run_pending",
    "run_ticks",
    "tick",
    "wake",
    "work",
]
