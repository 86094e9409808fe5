"""`python -m bench.load.bare FOLDER PORT`: the least that FastAPI and sqlite3 can do for the two calls.

Nobody is checked, nothing is validated, no journal is kept: one statement lends, one transaction keeps an
answer, flushed to disk (`synchronous=FULL`). What the real server costs more is the price of what it does more.
"""

import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

TASKS = 100_000

app = FastAPI()
_lock = threading.Lock()
_db: sqlite3.Connection


class Answer(BaseModel):
    answers: dict[str, Any]
    seconds: float | None = None


@app.get("/api/v1/health")
def health() -> dict[str, bool]:
    return {"ok": True}


@app.post("/api/v1/projects/{project}/assignments", status_code=201)
def lend(project: int) -> dict[str, Any]:
    with _lock, _db:
        row = _db.execute(
            "UPDATE task SET lent = ? WHERE id = (SELECT id FROM task WHERE lent IS NULL ORDER BY id LIMIT 1) "
            "RETURNING id, text",
            (int(time.time()),),
        ).fetchone()
    return {"id": row[0], "task": row[0], "item": {"id": row[0], "text": row[1]}}


@app.post("/api/v1/assignments/{assignment}/answer")
def answer(assignment: int, body: Answer) -> dict[str, Any]:
    with _lock, _db:
        made = _db.execute("INSERT INTO answer (task, body) VALUES (?, ?)", (assignment, str(body.answers))).lastrowid
    return {"id": assignment, "annotation": made, "done": True, "undo": True}


def main() -> None:
    global _db
    _db = sqlite3.connect(Path(sys.argv[1]) / "bare.db", check_same_thread=False)
    _db.execute("PRAGMA journal_mode=WAL")
    _db.execute("PRAGMA synchronous=FULL")
    _db.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, text TEXT, lent INTEGER)")
    _db.execute("CREATE INDEX free ON task (id) WHERE lent IS NULL")
    _db.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, task INTEGER, body TEXT)")
    with _db:
        _db.executemany("INSERT INTO task (text) VALUES (?)", ((f"Text number {n}" * 20,) for n in range(TASKS)))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
