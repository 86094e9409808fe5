"""The only SQL of this room."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from meguri.learning.model import Chosen, ModelVersion
from meguri.learning.tables import model_version, selection

_MODEL = sa.select(model_version)
_SELECTION = sa.insert(selection)


def insert_model(tx: Connection, row: dict[str, Any]) -> int:
    """Write a model version; returns its id."""
    key = tx.execute(sa.insert(model_version), row).inserted_primary_key
    return int(key[0]) if key is not None else 0


def model(tx: Connection, model_version_id: int) -> ModelVersion | None:
    """One model version."""
    return _one(tx, _MODEL.where(model_version.c.id == model_version_id))


def models(tx: Connection, project_id: int) -> list[ModelVersion]:
    """All model versions of a project, the newest first."""
    query = _MODEL.where(model_version.c.project_id == project_id).order_by(model_version.c.number.desc())
    return [ModelVersion(**row) for row in tx.execute(query).mappings()]


def newest_model(tx: Connection, project_id: int) -> ModelVersion | None:
    """The newest model version of a project."""
    query = _MODEL.where(model_version.c.project_id == project_id).order_by(model_version.c.number.desc()).limit(1)
    return _one(tx, query)


def same_model(tx: Connection, project_id: int, round: int, blob: str) -> ModelVersion | None:
    """The version that this round has already kept of the same artefact."""
    where = (model_version.c.project_id == project_id, model_version.c.round == round, model_version.c.blob == blob)
    return _one(tx, _MODEL.where(*where).order_by(model_version.c.id.desc()).limit(1))


def _one(tx: Connection, query: Any) -> ModelVersion | None:
    row = tx.execute(query).mappings().first()
    return None if row is None else ModelVersion(**row)


def insert_selection(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write what was chosen."""
    if rows:
        tx.execute(_SELECTION, rows)


def selected(tx: Connection, project_id: int, round: int) -> list[Chosen]:
    """What a round chose, in order."""
    columns = (selection.c.item_id, selection.c.strategy, selection.c.score, selection.c.probability)
    query = sa.select(*columns).where(selection.c.project_id == project_id, selection.c.round == round)
    return [Chosen(*row) for row in tx.execute(query.order_by(selection.c.rank))]


def ever_selected(tx: Connection, project_id: int) -> set[int]:
    """Every item that was ever chosen."""
    return set(tx.scalars(sa.select(selection.c.item_id).where(selection.c.project_id == project_id)))
