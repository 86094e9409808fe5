"""What is in the database after the server was killed, read without any of our own code."""

import sqlite3
from pathlib import Path
from typing import Any


def check(folder: Path, acknowledged: list[list[int]]) -> dict[str, Any]:
    """Is every acknowledged answer there once, and was no task lent beyond its overlap?"""
    db = sqlite3.connect(folder / "meguri.db")
    there = dict(db.execute("SELECT id, assignment_id FROM annotation"))
    lost = [pair for pair in acknowledged if there.get(pair[1]) != pair[0]]
    one = lambda query: int(db.execute(query).fetchone()[0])  # noqa: E731
    return {
        "acknowledged": len(acknowledged),
        "on_disk": len(there),
        "lost": len(lost),
        "answered_twice": one(
            "SELECT count(*) FROM (SELECT 1 FROM annotation GROUP BY person_id, item_id HAVING count(*) > 1)"
        ),
        "beyond_overlap": one(
            "SELECT count(*) FROM (SELECT t.id FROM task t JOIN assignment a ON a.task_id = t.id "
            "WHERE a.ended_at IS NULL OR a.outcome = 'answered' GROUP BY t.id, t.overlap HAVING count(*) > t.overlap)"
        ),
        "integrity": db.execute("PRAGMA quick_check").fetchone()[0],
    }
