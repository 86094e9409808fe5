"""The words that every room's `tables.py` is written with."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite only numbers rows by itself in a column of type INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
Millis = BigInteger
Json = JSON().with_variant(JSONB, "postgresql")


def id_column() -> Column[int]:
    """A row's own number."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def refers(name: str, table: str, *, nullable: bool = False, index: bool = False, **options: Any) -> Column[int]:
    """A column that holds the id of a row of `table`, which may belong to a room below."""
    return Column(name, Id, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=nullable, index=index, **options)


def at_column(name: str = "at", *, nullable: bool = False) -> Column[int]:
    """A moment, in milliseconds since 1970."""
    return Column(name, Millis, nullable=nullable)
