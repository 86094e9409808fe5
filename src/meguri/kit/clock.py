"""The time, in one unit: whole milliseconds since 1970 in UTC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_shift = 0


def now() -> int:
    """Milliseconds since 1970 in UTC."""
    return time.time_ns() // 1_000_000 + _shift


def iso(at: int) -> str:
    """The moment as RFC 3339 text, such as `2026-11-23T15:04:05.123Z`."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def shifted(milliseconds: int) -> Iterator[None]:
    """Let this process live `milliseconds` later, for tests of leases and expiry."""
    global _shift
    before = _shift
    _shift = before + milliseconds
    try:
        yield
    finally:
        _shift = before
