"""Coming in and going out: the first owner, signing in with its limits, sessions, passwords.

Hashing a password takes some 80 ms, so it always happens between transactions and never inside one.
"""

import ipaddress
from dataclasses import dataclass, field

from sqlalchemy import Connection

from meguri.accounts import people, repository
from meguri.accounts.model import Actor, Person
from meguri.accounts.passwords import Hashed, hash_password, is_outdated, verify
from meguri.kit import clock, ids
from meguri.kit.errors import Conflict, Forbidden, TooMany, Unauthenticated
from meguri.storage import journal
from meguri.storage.database import Database

# A person or a network may fail this often within the window; after that even the right password waits.
WINDOW = 15 * clock.MINUTE
FAILURES_OF_ADDRESS = 10
FAILURES_OF_NETWORK = 60  # more: many people may share one


@dataclass(frozen=True, slots=True)
class Session:
    """A fresh session: the cookie's text, and what unsafe requests must carry beside it."""

    person: Person
    secret: str = field(repr=False)
    csrf: str = field(repr=False)


def needs_owner(tx: Connection) -> bool:
    """Whether nobody owns the site yet, so that the first visitor may."""
    return not repository.has_owner(tx)


def check_needs_owner(tx: Connection) -> None:
    """Raise Conflict when the site has an owner already."""
    if repository.has_owner(tx):
        raise Conflict("This site has an owner already; sign in instead.", code="accounts.set_up_already")


def setup_owner(
    tx: Connection, *, email: str, name: str, password: str | Hashed | None, language: str = "en"
) -> Person:
    """Make the first owner. Of several who try at once one wins; the others get Conflict."""
    repository.lock(tx, people.OWNERS)
    check_needs_owner(tx)
    return people.create_person(
        tx, email=email, name=name, password=password, role="owner", language=language, actor="system"
    )


def login(
    database: Database, *, email: str, password: str, network: str, days: int, previous: str | None = None
) -> Session:
    """Sign in with a password; `network` is where the request comes from, `days` how long the session lasts.

    The session with the secret `previous`, which the browser had before, ends.

    An unknown address, a disabled person and a wrong password look the same and take the same time.
    Raises Unauthenticated for those, TooMany after too many failures.
    """
    email = email.strip().lower()
    started = clock.now()
    found, kept = database.run(lambda tx: _attempt(tx, email, network, started))
    right = verify(password, kept)
    if found is None or not right:
        raise Unauthenticated("The address or the password is not right.", code="accounts.login_failed")
    fresh = hash_password(password) if kept is not None and is_outdated(kept) else None

    def enter(tx: Connection) -> Session:
        _succeed(tx, email, network, started)
        if fresh is not None:
            repository.change_person(tx, found.id, {"password": fresh.text})
        if previous:
            end_session(tx, previous)
        journal.write(tx, "accounts.signed_in", f"person:{found.id}")
        return open_session(tx, found, days)

    return database.run(enter)


def _attempt(tx: Connection, email: str, network: str, now: int) -> tuple[Person | None, str | None]:
    """Count the attempt before its outcome is known, so that many at once cannot slip by together."""
    repository.lock(tx, "accounts.attempts")
    _check_limit(tx, _of_address(email), FAILURES_OF_ADDRESS, now)
    _check_limit(tx, _of_network(network), FAILURES_OF_NETWORK, now)
    repository.add_attempt(tx, _of_address(email), now)
    repository.add_attempt(tx, _of_network(network), now)
    found = repository.person_by(tx, email=email)
    if found is None or found.disabled_at is not None:
        return None, None
    return found, repository.kept_password(tx, found.id)


def _check_limit(tx: Connection, who: str, limit: int, now: int) -> None:
    failures = repository.failures(tx, who, now - WINDOW, limit)
    if len(failures) >= limit:
        wait = (failures[-1] + WINDOW - now) // clock.SECOND + 1
        raise TooMany(
            f"Too many sign-ins failed; try again in {wait // 60 + 1} minutes.",
            code="accounts.too_many_logins",
            retry_after=wait,
        )


def _succeed(tx: Connection, email: str, network: str, started: int) -> None:
    repository.forgive(tx, _of_address(email), 0)
    repository.forgive(tx, _of_network(network), started)


def open_session(tx: Connection, found: Person, days: int) -> Session:
    """Begin a session of `days`; always a new one, so that nobody can plant a known one."""
    now = clock.now()
    secret, csrf = ids.secret(), ids.secret()
    repository.add_session(
        tx,
        {
            "fingerprint": ids.fingerprint(secret),
            "csrf": csrf,
            "person_id": found.id,
            "created_at": now,
            "expires_at": now + days * clock.DAY,
        },
    )
    return Session(found, secret, csrf)


def is_fading(ends_at: int, days: int) -> bool:
    """Whether a session in use should be extended: at most once a day, not at every request."""
    return 0 < ends_at - clock.now() < days * clock.DAY - min(clock.DAY, days * clock.DAY // 2)


def extend_session(tx: Connection, session_id: int, days: int) -> None:
    """Let a session last `days` from now."""
    repository.extend_session(tx, session_id, clock.now() + days * clock.DAY)


def end_session(tx: Connection, secret: str) -> None:
    """Sign out of one session; one that is unknown has ended already."""
    person_id = repository.end_session(tx, ids.fingerprint(secret))
    if person_id is not None:
        journal.write(tx, "accounts.signed_out", f"person:{person_id}")


def change_password(database: Database, actor: Actor, *, old: str, new: str, network: str) -> None:
    """Give oneself another password; every other session of theirs ends.

    Guessing the old one counts as signing in: the same limits hold.
    """
    email = database.run(lambda tx: people.person(tx, actor.person_id)).email
    started = clock.now()
    found, kept = database.run(lambda tx: _attempt(tx, email, network, started))
    if found is None or not verify(old, kept):
        raise Forbidden(
            "The old password is not right.",
            code="accounts.old_password_wrong",
            where=[{"field": "old_password", "problem": "is not right"}],
        )
    fresh = hash_password(new, email)

    def change(tx: Connection) -> None:
        _succeed(tx, email, network, started)
        set_password(tx, actor.person_id, fresh, actor.label, but=actor.key_id if actor.by == "session" else None)

    database.run(change)


def set_password(tx: Connection, person_id: int, password: Hashed, actor: str, but: int | None = None) -> None:
    """Give a person another password and end their sessions, `but` one."""
    repository.change_person(tx, person_id, {"password": password.text})
    repository.end_sessions(tx, person_id, but)
    journal.write(tx, "accounts.password_changed", actor, person=person_id)


def tidy(tx: Connection) -> None:
    """Forget what no longer counts: ended sessions, old attempts."""
    now = clock.now()
    repository.tidy(tx, now, now - WINDOW)


def _of_address(email: str) -> str:
    return ids.fingerprint(f"address {email}")


def _of_network(network: str) -> str:
    """A whole IPv6 /64 counts as one: that is what a single customer gets."""
    try:
        address = ipaddress.ip_address(network)
    except ValueError:
        return ids.fingerprint(f"network {network}")
    if isinstance(address, ipaddress.IPv6Address):
        return ids.fingerprint(f"network {ipaddress.ip_network((address, 64), strict=False)}")
    return ids.fingerprint(f"network {address}")
