"""The only SQL of this room: people, keys and memberships."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam
from sqlalchemy.exc import IntegrityError

from meguri.accounts.model import Actor, Key, Member, Person, Token
from meguri.accounts.tables import membership, person, session, token
from meguri.kit.errors import Conflict

_PERSON = (person.c.id, person.c.email, person.c.name, person.c.role, person.c.language)
_PERSON_COLUMNS = (*_PERSON, person.c.created_at, person.c.disabled_at)
_TOKEN_COLUMNS = (token.c.id, token.c.person_id, token.c.name, token.c.hint, token.c.created_at)

# One statement tells who comes in, with which role in the project they ask for.
_in_project = sa.and_(membership.c.person_id == person.c.id, membership.c.project_id == bindparam("project"))
_ACTOR = (person.c.id, person.c.name, person.c.role, membership.c.role, person.c.language)
_BY_TOKEN = (
    sa.select(*_ACTOR, token.c.id)
    .select_from(token.join(person, token.c.person_id == person.c.id).outerjoin(membership, _in_project))
    .where(
        token.c.fingerprint == bindparam("fingerprint"), token.c.revoked_at.is_(None), person.c.disabled_at.is_(None)
    )
)
_BY_SESSION = (
    sa.select(*_ACTOR, session.c.id, session.c.csrf, session.c.expires_at)
    .select_from(session.join(person, session.c.person_id == person.c.id).outerjoin(membership, _in_project))
    .where(
        session.c.fingerprint == bindparam("fingerprint"),
        session.c.expires_at > bindparam("now"),
        person.c.disabled_at.is_(None),
    )
)
_ROLE_IN = sa.select(membership.c.role).where(
    membership.c.project_id == bindparam("project"), membership.c.person_id == bindparam("person")
)


def actor(tx: Connection, by: Key, fingerprint: str, project: int | None, now: int) -> tuple[Actor, int] | None:
    """Whoever holds this key, with their role in `project`, and when the key ends (0 for a token)."""
    at = {"fingerprint": fingerprint, "project": project or 0}
    if by == "session":
        return _session_actor(tx, {**at, "now": now})
    row = tx.execute(_BY_TOKEN, at).first()
    return None if row is None else (Actor(row[0], row[1], row[2], row[3], "token", row[5], "", row[4]), 0)


def _session_actor(tx: Connection, at: dict[str, Any]) -> tuple[Actor, int] | None:
    row = tx.execute(_BY_SESSION, at).first()
    return None if row is None else (Actor(row[0], row[1], row[2], row[3], "session", row[5], row[6], row[4]), row[7])


def role_in(tx: Connection, project: int, person_id: int) -> str | None:
    """The role of a person in a project; None for one who is not in it."""
    role: str | None = tx.execute(_ROLE_IN, {"project": project, "person": person_id}).scalar()
    return role


def add_person(tx: Connection, row: dict[str, Any]) -> Person:
    """Insert a person; the address must be free."""
    try:
        with tx.begin_nested():
            new_id = tx.execute(sa.insert(person).returning(person.c.id), {**row, "disabled_at": None}).scalar_one()
    except IntegrityError:
        raise Conflict(
            "This address already has an account; sign in with it instead.",
            code="accounts.email_taken",
            where=[{"field": "email", "problem": "already has an account"}],
        ) from None
    return Person(new_id, row["email"], row["name"], row["role"], row["language"], row["created_at"], None)


def person_by(tx: Connection, **where: Any) -> Person | None:
    """The person whose columns equal `where`."""
    row = tx.execute(sa.select(*_PERSON_COLUMNS).filter_by(**where)).first()
    return None if row is None else Person(*row)


def people_by_ids(tx: Connection, ids: Sequence[int]) -> list[Person]:
    """The people with these ids, in no order."""
    return [Person(*row) for row in tx.execute(sa.select(*_PERSON_COLUMNS).where(person.c.id.in_(ids)))]


def add_token(tx: Connection, row: dict[str, Any]) -> Token:
    """Insert a token by its fingerprint."""
    new_id = tx.execute(sa.insert(token).returning(token.c.id), {**row, "revoked_at": None}).scalar_one()
    return Token(new_id, row["person_id"], row["name"], row["hint"], row["created_at"])


def put_member(tx: Connection, project: int, person_id: int, role: str, now: int) -> str | None:
    """Make or change a membership; returns the role before, None for a newcomer."""
    before = role_in(tx, project, person_id)
    if before is None:
        tx.execute(
            sa.insert(membership), {"project_id": project, "person_id": person_id, "role": role, "created_at": now}
        )
    elif before != role:
        where = (membership.c.project_id == project) & (membership.c.person_id == person_id)
        tx.execute(sa.update(membership).where(where).values(role=role))
    return before


def members(tx: Connection, project: int) -> list[Member]:
    """Everybody in a project, oldest member first."""
    query = (
        sa.select(person.c.id, person.c.name, person.c.email, membership.c.role, membership.c.created_at)
        .add_columns(person.c.disabled_at)
        .select_from(membership.join(person, membership.c.person_id == person.c.id))
        .where(membership.c.project_id == project)
        .order_by(membership.c.id)
    )
    return [Member(*row) for row in tx.execute(query)]


def memberships(tx: Connection, person_id: int) -> list[tuple[int, str]]:
    """The projects of a person with their role in each."""
    query = sa.select(membership.c.project_id, membership.c.role).where(membership.c.person_id == person_id)
    return [(row[0], row[1]) for row in tx.execute(query.order_by(membership.c.id))]
