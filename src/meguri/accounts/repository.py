"""The only SQL of this room: people, keys and memberships."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam
from sqlalchemy.exc import IntegrityError

from meguri.accounts.model import Actor, Invitation, Key, Member, Person, Token
from meguri.accounts.tables import attempt, invitation, membership, person, session, token
from meguri.kit import ids
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


def lock(tx: Connection, name: str) -> None:
    """Wait until no other transaction holds this lock; it ends with the transaction.

    On SQLite a writing transaction is alone anyway.
    """
    if tx.dialect.name == "postgresql":
        number = int(ids.fingerprint(name)[:15], 16)
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def has_owner(tx: Connection) -> bool:
    """Whether the site has an owner."""
    return tx.execute(sa.select(person.c.id).where(person.c.role == "owner").limit(1)).first() is not None


def other_owners(tx: Connection, person_id: int) -> int:
    """How many owners there are beside this one who may sign in."""
    where = (person.c.role == "owner") & (person.c.id != person_id) & person.c.disabled_at.is_(None)
    return int(tx.execute(sa.select(sa.func.count()).select_from(person).where(where)).scalar_one())


def people(tx: Connection, after: int | None, limit: int) -> list[Person]:
    """People in the order they came."""
    query = sa.select(*_PERSON_COLUMNS).where(person.c.id > (after or 0)).order_by(person.c.id).limit(limit)
    return [Person(*row) for row in tx.execute(query)]


def kept_password(tx: Connection, person_id: int) -> str | None:
    """The hash that is kept of a person's password."""
    kept: str | None = tx.execute(sa.select(person.c.password).where(person.c.id == person_id)).scalar()
    return kept


def change_person(tx: Connection, person_id: int, changes: dict[str, Any]) -> None:
    """Set some columns of a person."""
    if changes:
        tx.execute(sa.update(person).where(person.c.id == person_id).values(**changes))


def tokens(tx: Connection, person_id: int) -> list[Token]:
    """The tokens of a person that still open the door, newest first."""
    where = (token.c.person_id == person_id) & token.c.revoked_at.is_(None)
    return [Token(*row) for row in tx.execute(sa.select(*_TOKEN_COLUMNS).where(where).order_by(token.c.id.desc()))]


def revoke_token(tx: Connection, person_id: int, token_id: int, now: int) -> bool:
    """End a person's token; whether there was such a one."""
    where = (token.c.id == token_id) & (token.c.person_id == person_id) & token.c.revoked_at.is_(None)
    return tx.execute(sa.update(token).where(where).values(revoked_at=now)).rowcount > 0


def remove_member(tx: Connection, project: int, person_id: int) -> bool:
    """End a membership; whether there was one."""
    where = (membership.c.project_id == project) & (membership.c.person_id == person_id)
    return tx.execute(sa.delete(membership).where(where)).rowcount > 0


def add_session(tx: Connection, row: dict[str, Any]) -> None:
    """Insert a session by its fingerprint."""
    tx.execute(sa.insert(session), row)


def extend_session(tx: Connection, session_id: int, expires_at: int) -> None:
    """Let a session end later."""
    tx.execute(sa.update(session).where(session.c.id == session_id).values(expires_at=expires_at))


def end_session(tx: Connection, fingerprint: str) -> int | None:
    """End a session; returns whose it was."""
    gone = sa.delete(session).where(session.c.fingerprint == fingerprint).returning(session.c.person_id)
    whose: int | None = tx.execute(gone).scalar()
    return whose


def end_sessions(tx: Connection, person_id: int, but: int | None = None) -> None:
    """End a person's sessions, `but` one."""
    where = session.c.person_id == person_id
    tx.execute(sa.delete(session).where(where if but is None else where & (session.c.id != but)))


def failures(tx: Connection, who: str, since: int, limit: int) -> list[int]:
    """When sign-ins of `who` failed after `since`: the newest `limit` moments, newest first."""
    where = (attempt.c.who == who) & (attempt.c.at > since) & attempt.c.failed
    return list(tx.execute(sa.select(attempt.c.at).where(where).order_by(attempt.c.at.desc()).limit(limit)).scalars())


def add_attempt(tx: Connection, who: str, now: int) -> None:
    """Write down an attempt; it counts as failed until it is forgiven."""
    tx.execute(sa.insert(attempt), {"who": who, "failed": True, "at": now})


def forgive(tx: Connection, who: str, since: int) -> None:
    """The attempts of `who` at or after `since` were no failures after all."""
    where = (attempt.c.who == who) & (attempt.c.at >= since) & attempt.c.failed
    tx.execute(sa.update(attempt).where(where).values(failed=False))


def tidy(tx: Connection, now: int, attempts_before: int) -> None:
    """Forget sessions that have ended and attempts that no longer count."""
    tx.execute(sa.delete(session).where(session.c.expires_at <= now))
    tx.execute(sa.delete(attempt).where(attempt.c.at < attempts_before))


_INVITATION_COLUMNS = tuple(invitation.c[name] for name in Invitation.__dataclass_fields__)


def add_invitation(tx: Connection, row: dict[str, Any]) -> Invitation:
    """Insert an invitation by its fingerprint."""
    new_id = tx.execute(sa.insert(invitation).returning(invitation.c.id), {**row, "revoked_at": None}).scalar_one()
    known = {name: row[name] for name in Invitation.__dataclass_fields__ if name in row}
    return Invitation(id=new_id, revoked_at=None, **known)


def invitation_by(tx: Connection, **where: Any) -> Invitation | None:
    """The invitation whose columns equal `where`."""
    row = tx.execute(sa.select(*_INVITATION_COLUMNS).filter_by(**where)).first()
    return None if row is None else Invitation(*row)


def invitations(tx: Connection, project: int | None, now: int) -> list[Invitation]:
    """The invitations to a project, or to the site, that somebody can still come in by; newest first."""
    where = invitation.c.project_id.is_(None) if project is None else invitation.c.project_id == project
    live = invitation.c.revoked_at.is_(None) & (invitation.c.uses_left > 0) & (invitation.c.expires_at > now)
    query = sa.select(*_INVITATION_COLUMNS).where(where, live).order_by(invitation.c.id.desc())
    return [Invitation(*row) for row in tx.execute(query)]


def use_invitation(tx: Connection, fingerprint: str, now: int) -> Invitation | None:
    """Take one use of an invitation, if it is still good; two people never share the last one."""
    good = (
        (invitation.c.fingerprint == fingerprint)
        & invitation.c.revoked_at.is_(None)
        & (invitation.c.uses_left > 0)
        & (invitation.c.expires_at > now)
    )
    taken = sa.update(invitation).where(good).values(uses_left=invitation.c.uses_left - 1)
    row = tx.execute(taken.returning(*_INVITATION_COLUMNS)).first()
    return None if row is None else Invitation(*row)


def revoke_invitations(tx: Connection, now: int, **where: Any) -> int:
    """Revoke the live invitations whose columns equal `where`; returns how many."""
    change = sa.update(invitation).where(invitation.c.revoked_at.is_(None)).filter_by(**where)
    return tx.execute(change.values(revoked_at=now)).rowcount
