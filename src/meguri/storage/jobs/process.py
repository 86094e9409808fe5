"""Heavy pure work in a process of its own, so that running out of memory there does not end the worker."""

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import ParamSpec, TypeVar

from meguri.storage.jobs.handlers import Interrupted, Transient

P = ParamSpec("P")
T = TypeVar("T")

_idle: list[ProcessPoolExecutor] = []
_busy: set[ProcessPoolExecutor] = set()
_lock = threading.Lock()
_stopping = threading.Event()


def in_subprocess(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a module-level function in a spawned process, which is kept for the next call.

    Arguments and result are pickled between the two: pass paths and ids rather than large arrays. If the
    process is killed `Transient` is raised, and the next call gets a fresh one. Each call has a process
    of its own, so one that dies takes no other with it.
    """
    pool = _borrow()
    try:
        result = pool.submit(function, *args, **kwargs).result()
    except BrokenProcessPool:
        _forget(pool)
        if _stopping.is_set():
            raise Interrupted from None
        raise Transient("The process that did the heavy work was killed, perhaps for want of memory.") from None
    except BaseException:
        _give_back(pool)
        raise
    _give_back(pool)
    return result


def interrupt_subprocesses() -> None:
    """End the heavy work of a worker that is stopping; its jobs are put back."""
    _stopping.set()
    with _lock:
        processes = [process for pool in _busy for process in list((pool._processes or {}).values())]
    for process in processes:
        process.kill()


def allow_subprocesses() -> None:
    """Take heavy work on again."""
    _stopping.clear()


def close_subprocesses() -> None:
    """End the idle processes."""
    with _lock:
        pools, _idle[:] = list(_idle), []
    for pool in pools:
        pool.shutdown(wait=False, cancel_futures=True)


def _borrow() -> ProcessPoolExecutor:
    if _stopping.is_set():
        raise Interrupted
    with _lock:
        pool = _idle.pop() if _idle else _new()
        _busy.add(pool)
    return pool


def _new() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_settle)


def _give_back(pool: ProcessPoolExecutor) -> None:
    with _lock:
        _busy.discard(pool)
        _idle.append(pool)


def _forget(pool: ProcessPoolExecutor) -> None:
    with _lock:
        _busy.discard(pool)
    pool.shutdown(wait=False)


def _settle() -> None:
    """In the child: leave Ctrl-C to the parent, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


atexit.register(close_subprocesses)
