"""Passwords as argon2id hashes, at a bounded cost of memory and at the same cost for unknown addresses."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from meguri.kit.errors import Invalid, TooMany

MIN_LENGTH = 10
MAX_LENGTH = 200
AT_ONCE = 2  # each takes 64 MiB and a core for some 80 ms
PATIENCE = 10.0  # seconds that a request waits for its turn

# The second recommended option of RFC 9106: 3 passes over 64 MiB on 4 lanes.
_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password that was hashed already, outside of any transaction."""

    text: str = field(repr=False)


def check_password(password: str, email: str = "") -> None:
    """Raise unless the password may be chosen."""
    problem = ""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        problem = f"must have {MIN_LENGTH} to {MAX_LENGTH} characters"
    elif len(set(password)) < 4 or password.casefold() == email.casefold():
        problem = "is too easy to guess"
    if problem:
        raise Invalid(
            f"The password {problem}.",
            code="accounts.password_weak",
            where=[{"field": "password", "problem": problem}],
            minimum=MIN_LENGTH,
            maximum=MAX_LENGTH,
        )


def hash_password(password: str, email: str = "") -> Hashed:
    """The argon2id hash of a password that may be chosen. Takes some 80 ms: call it outside transactions."""
    check_password(password, email)
    with _turn():
        return Hashed(_hasher.hash(_normal(password)))


def verify(password: str, kept: str | None) -> bool:
    """Whether this is the password that was kept; as slow when nothing was kept."""
    stand_in = _stand_in()
    with _turn():
        try:
            right = _hasher.verify(kept or stand_in, _normal(password[:MAX_LENGTH]))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@cache
def _stand_in() -> str:
    with _turn():
        return _hasher.hash("nobody's password")


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise TooMany("Many people are signing in at this moment; try again in a few seconds.", retry_after=5)
    try:
        yield
    finally:
        _turns.release()


def _normal(password: str) -> str:
    """One text for all the ways keyboards and input methods write the same characters."""
    return unicodedata.normalize("NFKC", password)
