"""The only SQL of this room."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from meguri.evaluation.model import AliasMove, Report, Verdict
from meguri.evaluation.tables import alias_move, report, verdict


def insert_report(tx: Connection, row: dict[str, Any]) -> Report:
    """Write a report."""
    return Report(id=_insert(tx, report, row), **row)


def insert_verdict(tx: Connection, row: dict[str, Any]) -> Verdict:
    """Write a verdict."""
    return Verdict(id=_insert(tx, verdict, row), **row)


def insert_move(tx: Connection, row: dict[str, Any]) -> AliasMove:
    """Write that a name was moved."""
    return AliasMove(id=_insert(tx, alias_move, row), **row)


def _insert(tx: Connection, table: sa.Table, row: dict[str, Any]) -> int:
    key = tx.execute(sa.insert(table), row).inserted_primary_key
    return int(key[0]) if key is not None else 0


def newest_report(tx: Connection, model_version_id: int) -> Report | None:
    """The newest report of a model."""
    query = sa.select(report).where(report.c.model_version_id == model_version_id).order_by(report.c.id.desc()).limit(1)
    row = tx.execute(query).mappings().first()
    return None if row is None else Report(**row)


def reports(tx: Connection, project_id: int) -> dict[int, Report]:
    """The newest report of each model of a project."""
    query = sa.select(report).where(report.c.project_id == project_id).order_by(report.c.id)
    return {row["model_version_id"]: Report(**row) for row in tx.execute(query).mappings()}


def newest_verdict(tx: Connection, project_id: int, challenger_id: int) -> Verdict | None:
    """The newest verdict on a model."""
    query = sa.select(verdict).where(verdict.c.project_id == project_id, verdict.c.challenger_id == challenger_id)
    row = tx.execute(query.order_by(verdict.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else Verdict(**row)


def verdicts(tx: Connection, project_id: int) -> dict[int, Verdict]:
    """The newest verdict on each model of a project."""
    query = sa.select(verdict).where(verdict.c.project_id == project_id).order_by(verdict.c.id)
    return {row["challenger_id"]: Verdict(**row) for row in tx.execute(query).mappings()}


def newest_move(tx: Connection, project_id: int, alias: str) -> AliasMove | None:
    """Where a name points."""
    query = sa.select(alias_move).where(alias_move.c.project_id == project_id, alias_move.c.alias == alias)
    row = tx.execute(query.order_by(alias_move.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else AliasMove(**row)


def moves(tx: Connection, project_id: int, alias: str | None = None) -> list[AliasMove]:
    """Every move of a name, or of all names, the oldest first."""
    query = sa.select(alias_move).where(alias_move.c.project_id == project_id).order_by(alias_move.c.id)
    if alias is not None:
        query = query.where(alias_move.c.alias == alias)
    return [AliasMove(**row) for row in tx.execute(query).mappings()]
