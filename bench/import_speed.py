"""What importing texts costs per item, through the real HTTP API: `python -m bench.import_speed [--json FILE]`.

A fresh server process is sent 10,000 and then, another one, 100,000 texts as JSON lines in one request. Per item are
told the server's CPU time and the time that the sender waits, the server's peak memory, and the ratio of both sizes;
the ratio is to be 1.3 at most. `--labels` sends a label with every item, `--url` measures on PostgreSQL.
"""

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.load.seed import QUESTIONS, config_at
from bench.load.server import Server
from meguri.accounts import service as accounts
from meguri.labelling import service as labelling
from meguri.storage import migrate
from meguri.storage.store import Store

WORDS = "some words that somebody has to read before they can answer. "
LABELS = ["sport", "politics", "science", "other"]
CHUNK = 500  # rows in one piece of the body
LIMIT = 1.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3, help="of each size; the best one counts")
    parser.add_argument("--labels", action="store_true", help="with a label for every item")
    parser.add_argument("--url", default="", help="of an empty PostgreSQL database; default: SQLite")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    asked = parser.parse_args()
    runs = [run(size, asked.labels, asked.url) for size in asked.sizes for _ in range(asked.repeats)]
    found = summary(runs, asked.sizes)
    text = json.dumps(found, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text)


def summary(runs: list[dict[str, Any]], sizes: list[int]) -> dict[str, Any]:
    """The best run of each size, and how the largest compares with the smallest."""
    best = {size: min((one for one in runs if one["items"] == size), key=lambda one: one["cpu_ms"]) for size in sizes}
    few, many = best[min(sizes)], best[max(sizes)]
    ratio = {name: round(many[name] / few[name], 3) for name in ("cpu_ms", "wall_ms")}
    return {"sizes": list(best.values()), "ratio": ratio, "limit": LIMIT, "passed": ratio["cpu_ms"] <= LIMIT}


def run(items: int, labels: bool, url: str) -> dict[str, Any]:
    """One import by a fresh server; milliseconds are per item."""
    with tempfile.TemporaryDirectory() as folder:
        project, token = prepare(Path(folder), url)
        server = Server("bench.load.serve", Path(folder), url)
        try:
            post(server.port, project, token, body(0, 1, labels))  # the first request of a process compiles statements
            cpu, start = server.cpu_ms(), time.perf_counter()
            answer = post(server.port, project, token, body(1, items, labels))
            wall = (time.perf_counter() - start) * 1_000
            used = server.cpu_ms() - cpu
            peak = peak_mb(server.process.pid)
        finally:
            server.stop()
        assert answer == {"created": items, "existing": 0}, answer
    return {
        "items": items,
        "cpu_ms": round(used / items, 5),
        "wall_ms": round(wall / items, 5),
        "items_per_second": round(items / wall * 1_000),
        "peak_mb": round(peak),
    }


def prepare(folder: Path, url: str) -> tuple[int, str]:
    """An installation with one project and somebody who may fill it."""
    store = Store.open(config_at(folder, 0, url))
    migrate.upgrade(store)
    with store.database.begin() as tx:
        email = f"{time.time_ns()}@example.org"
        person = accounts.create_person(tx, email=email, name="Sender", password=None, role="owner")
        token = accounts.create_token(tx, person.id, "bench")[0]
        project = labelling.create_project(tx, "system", name="Import", modality="text", questions=QUESTIONS)
    store.close()
    return project.id, token


def body(first: int, count: int, labels: bool) -> Iterator[bytes]:
    """JSON lines in pieces."""
    for start in range(first, first + count, CHUNK):
        numbers = range(start, min(start + CHUNK, first + count))
        yield "".join(row(n, labels) for n in numbers).encode()


def row(n: int, labels: bool) -> str:
    label = f', "label": "{LABELS[n % 4]}"' if labels else ""
    return f'{{"key": "k{n}", "text": "Text number {n}: {WORDS * 3}", "meta": {{"source": "bench"}}{label}}}\n'


def post(port: int, project: int, token: str, pieces: Iterator[bytes]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    path = f"/api/v1/projects/{project}/items"
    connection.request("POST", path, body=pieces, headers=headers, encode_chunked=True)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    assert answer.status == 201, told
    return told


def peak_mb(pid: int) -> float:
    """The most memory that a process ever held."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
