"""`python -m bench.load --tasks 100000 --clients 16 --seconds 15 --json out.json`

Starts the real server on SQLite in a folder of its own, lets people work in another process, and reports pairs of
next and answer a second, the server's CPU time for each, latency at that load and at a tenth of it, what is on disk
after `kill -9`, and how the costs grow from 1,000 tasks to as many as asked for; beside it the bare minimum.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.load import measure
from bench.load.check import check
from bench.load.seed import config_at, seed
from bench.load.server import Server

SMALL = 1_000
REPEATS = 5
PEOPLE = 64
TARGETS = {
    "pairs_per_second": (200, ">="),
    "next_cpu_ms": (2.0, "<="),
    "answer_cpu_ms": (3.0, "<="),
    "p99_ms": (150.0, "<="),
    "p99_ms_at_a_tenth": (20.0, "<="),
    "next_ratio": (1.3, "<="),
    "answer_ratio": (1.3, "<="),
    "lost": (0, "<="),
    "beyond_overlap": (0, "<="),
    "lent_twice_at_opening": (0, "<="),
}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="meguri-load-", dir=options.folder) as folder:
        found = run(Path(folder), options.tasks, options.clients, options.seconds)
    _show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def run(folder: Path, tasks: int, clients: int, seconds: float) -> dict[str, Any]:
    large, small, bare = (folder / name for name in ("large", "small", "bare"))
    for one in (large, small, bare):
        one.mkdir()
    started = time.perf_counter()
    seeded = seed(config_at(large, 0), tasks, PEOPLE)
    seeding = time.perf_counter() - started
    seeded_small = seed(config_at(small, 0), SMALL, PEOPLE, projects=REPEATS)
    with _Running(Server("bench.load.serve", large)) as server:
        full = measure.full_load(server, seeded, clients, seconds)
        calm = measure.paced_load(server, seeded, clients, max(seconds, 10), full["pairs_per_second"] / 10)
        with _Running(Server("bench.load.serve", small)) as other:
            sizes = _sizes(server, seeded, other, seeded_small, clients)
        opened = measure.opening(server, seeded, PEOPLE)
        memory = server.rss_mb()
        acknowledged = [*full.pop("answered"), *calm.pop("answered"), *sizes.pop("answered")]
        acknowledged += _killed(server, seeded, clients)
    after = check(large, acknowledged)
    with _Running(Server("bench.load.bare", bare)) as server:
        limit = measure.full_load(server, {**seeded, "projects": [1]}, clients, min(seconds, 8))
    for one in (full, calm, limit):
        one.pop("answered", None)
        one.pop("lent", None)
    found = {
        "machine": {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]},
        "tasks": tasks,
        "clients": clients,
        "seeding_seconds": seeding,
        "full_load": full,
        "tenth_load": calm,
        "sizes": sizes,
        "opening": opened,
        "after_kill": after,
        "memory_mb": memory,
        "bare": limit,
        "share_of_bare": full["pairs_per_second"] / limit["pairs_per_second"],
    }
    return {**found, "summary": _summary(found)}


def _sizes(large: Server, seeded: Any, small: Server, seeded_small: Any, clients: int) -> dict[str, Any]:
    """The same calls in a large and in a small project, in turn, so that both meet the same weather."""
    rows: dict[str, list[Any]] = {"large": [], "small": []}
    each = int(SMALL * 0.8) // clients
    for number in range(REPEATS):
        rows["small"].append(measure.apart(small, seeded_small, number, clients, each))
        rows["large"].append(measure.apart(large, seeded, 0, clients, each))

    def middle(size: str, what: str) -> float:
        return statistics.median(row[what] for row in rows[size])

    return {
        **{f"{size}_{what}": middle(size, what) for size in rows for what in ("next_cpu_ms", "answer_cpu_ms")},
        "next_ratio": middle("large", "next_cpu_ms") / middle("small", "next_cpu_ms"),
        "answer_ratio": middle("large", "answer_cpu_ms") / middle("small", "answer_cpu_ms"),
        "errors": [error for row in rows["large"] + rows["small"] for error in row["errors"]][:5],
        "answered": [pair for row in rows["large"] for pair in row["answered"]],
    }


def _killed(server: Server, seeded: Any, clients: int) -> list[list[int]]:
    """Kill the server at a random moment under full load; returns what it had acknowledged."""
    process = measure.start(server, seeded, "pairs", count=clients, seconds=20)
    time.sleep(random.uniform(1.5, 3))
    server.kill()
    return list(json.loads(measure.finish(process))["answered"])


def _summary(found: dict[str, Any]) -> dict[str, Any]:
    figures = {
        "pairs_per_second": found["full_load"]["pairs_per_second"],
        "next_cpu_ms": found["sizes"]["large_next_cpu_ms"],
        "answer_cpu_ms": found["sizes"]["large_answer_cpu_ms"],
        "p99_ms": found["full_load"]["all_ms"]["p99"],
        "p99_ms_at_a_tenth": found["tenth_load"]["all_ms"]["p99"],
        "next_ratio": found["sizes"]["next_ratio"],
        "answer_ratio": found["sizes"]["answer_ratio"],
        "lost": found["after_kill"]["lost"],
        "beyond_overlap": found["after_kill"]["beyond_overlap"],
        "lent_twice_at_opening": found["opening"]["lent"] - found["opening"]["different"],
    }
    return {
        name: {"value": figures[name], "wanted": f"{sign} {limit}", "met": _met(figures[name], limit, sign)}
        for name, (limit, sign) in TARGETS.items()
    }


def _met(value: float, limit: float, sign: str) -> bool:
    return value >= limit if sign == ">=" else value <= limit


def _show(found: dict[str, Any]) -> None:
    for name, row in found["summary"].items():
        print(f"{name:24} {row['value']:10.2f}   wanted {row['wanted']:10} {'ok' if row['met'] else 'MISSED'}")
    bare = found["bare"]["pairs_per_second"]
    print(f"{'bare server, pairs/s':24} {bare:10.2f}   ours is {found['share_of_bare']:.2f} of it")
    errors = [*found["full_load"]["errors"], *found["tenth_load"]["errors"], *found["sizes"]["errors"]]
    print("errors:", errors or "none")


class _Running:
    """Ends the server with the block, whatever happens in it."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def __enter__(self) -> Server:
        return self.server

    def __exit__(self, *_: object) -> None:
        if self.server.process.poll() is None:
            self.server.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help="where the databases lie while it runs; a real disk, please")
    return parser.parse_args()


if __name__ == "__main__":
    main()
