"""Keyset paging: work per page does not grow with the list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_LIMIT = 500
DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and the `after` that asks for the next ones; None at the end."""

    rows: Sequence[T]
    after: int | None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], int]) -> Page[T]:
    """Make a page of `limit + 1` fetched rows: the extra one tells that more follow."""
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], key(rows[limit - 1]))


def clamp(limit: int | None) -> int:
    """A page size between 1 and MAX_LIMIT."""
    return DEFAULT_LIMIT if limit is None else max(1, min(limit, MAX_LIMIT))
