"""The measurements, one function each."""

import json
import subprocess
import sys
from typing import Any

import numpy as np

from bench.load.server import Server


def people(server: Server, seeded: dict[str, list], do: str, *, project: int = 0, count: int = 16, **job: Any) -> Any:
    """Let `count` people work in a process of their own; what they saw."""
    return json.loads(finish(start(server, seeded, do, project=project, count=count, **job)))


def start(
    server: Server, seeded: dict[str, list], do: str, *, project: int = 0, count: int = 16, **job: Any
) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load.client"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    wish = {"do": do, "port": server.port, "project": seeded["projects"][project], "tokens": seeded["tokens"][:count]}
    json.dump({**wish, **job}, process.stdin)
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: "subprocess.Popen[str]") -> str:
    told, _ = process.communicate()
    return told


def full_load(server: Server, seeded: dict[str, list], clients: int, seconds: float) -> dict[str, Any]:
    """Everybody without pause."""
    people(server, seeded, "pairs", count=clients, seconds=2.0)
    before = server.cpu_ms()
    seen = people(server, seeded, "pairs", count=clients, seconds=seconds)
    cpu = server.cpu_ms() - before
    done = len(seen["answered"])
    return {
        "pairs": done,
        "pairs_per_second": done / seen["seconds"],
        "server_cpu_ms_per_pair": cpu / max(done, 1),
        "client_cpu_ms_per_pair": seen["cpu_ms"] / max(done, 1),
        "next_ms": spread(seen["next_ms"]),
        "answer_ms": spread(seen["answer_ms"]),
        "all_ms": spread(seen["next_ms"] + seen["answer_ms"]),
        "errors": seen["errors"][:5],
        "answered": seen["answered"],
        "lent": seen["lent"],
    }


def paced_load(server: Server, seeded: dict[str, list], clients: int, seconds: float, rate: float) -> dict[str, Any]:
    """Everybody at a steady pace, `rate` pairs a second in all."""
    seen = people(server, seeded, "pairs", count=clients, seconds=seconds, pace=rate / clients)
    return {
        "pairs_per_second": len(seen["answered"]) / seen["seconds"],
        "all_ms": spread(seen["next_ms"] + seen["answer_ms"]),
        "errors": seen["errors"][:5],
        "answered": seen["answered"],
        "lent": seen["lent"],
    }


def apart(server: Server, seeded: dict[str, list], project: int = 0, count: int = 16, each: int = 50) -> dict[str, Any]:
    """First only `next`, then only `answer`: what each costs the server, in CPU-milliseconds."""
    start = server.cpu_ms()
    lent = people(server, seeded, "next", project=project, count=count, each=each)
    middle = server.cpu_ms()
    held = [[one[0] for one in mine] for mine in lent["lent"]]
    answered = people(server, seeded, "answer", project=project, count=count, held=held)
    end = server.cpu_ms()
    calls = sum(map(len, held))
    return {
        "calls": calls,
        "next_cpu_ms": (middle - start) / calls,
        "answer_cpu_ms": (end - middle) / calls,
        "errors": (lent["errors"] + answered["errors"])[:5],
        "answered": answered["answered"],
        "lent": lent["lent"],
    }


def opening(server: Server, seeded: dict[str, list], count: int = 64) -> dict[str, Any]:
    """Many people open the page at the same moment."""
    seen = people(server, seeded, "next", count=count, each=1)
    tasks = [task for mine in seen["lent"] for _, task in mine]
    people(server, seeded, "answer", count=count, held=[[one[0] for one in mine] for mine in seen["lent"]])
    return {"people": count, "lent": len(tasks), "different": len(set(tasks)), "next_ms": spread(seen["next_ms"])}


def spread(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum, in milliseconds."""
    if not values:
        return {}
    p50, p99 = np.percentile(values, [50, 99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2), "max": round(max(values), 2), "n": len(values)}
