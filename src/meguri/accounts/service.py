"""The door of this room: people, their keys, and who may do what."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from meguri.accounts import repository
from meguri.accounts.model import PROJECT_ROLES, Actor, Key, Member, Person, Right, Token, check_right
from meguri.kit import clock, ids
from meguri.kit.errors import Invalid, NotFound, Unauthenticated
from meguri.storage import journal

TOKEN_PREFIX = "mgr_"  # noqa: S105 -- the visible beginning of every token, so that scanners find leaked ones


def authenticate(tx: Connection, by: Key, secret: str, project_id: int | None = None) -> tuple[Actor, int]:
    """Who holds this key, with their role in the project, and when the key ends; one statement.

    Raises Unauthenticated for a key that is unknown, ended, revoked, or of a disabled person.
    """
    found = repository.actor(tx, by, ids.fingerprint(secret), project_id, clock.now())
    if found is None:
        raise Unauthenticated("The key is unknown or has ended; sign in again.")
    return found


def entitle(tx: Connection, actor: Actor, right: Right, project_id: int) -> Actor:
    """The actor as they are in this project; raises unless they have the right there.

    For routes that name a thing by its own id and learn its project only by loading it.
    """
    inside = replace(actor, project_role=repository.role_in(tx, project_id, actor.person_id))
    check_right(inside, right)
    return inside


def person(tx: Connection, person_id: int) -> Person:
    """The person with this id."""
    found = repository.person_by(tx, id=person_id)
    if found is None:
        raise NotFound("There is no such person.", code="accounts.person_unknown")
    return found


def person_by_email(tx: Connection, email: str) -> Person | None:
    """The person with this address, or None."""
    return repository.person_by(tx, email=email.strip().lower())


def names(tx: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    """The names of these people by id."""
    wanted = sorted(set(person_ids))
    return {found.id: found.name for found in repository.people_by_ids(tx, wanted)} if wanted else {}


def create_person(
    tx: Connection,
    *,
    email: str,
    name: str,
    password: str | None,
    role: str,
    language: str = "en",
    actor: str = "system",
) -> Person:
    """Make a person; without a password they can only come by token."""
    row = {
        "email": email.strip().lower(),
        "name": name.strip(),
        "password": password,
        "role": role,
        "language": language,
        "created_at": clock.now(),
    }
    made = repository.add_person(tx, row)
    journal.write(tx, "accounts.person_created", actor, person=made.id, role=role)
    return made


def create_token(tx: Connection, person_id: int, name: str) -> tuple[str, Token]:
    """Make an API token; its text is returned here and never again."""
    text = ids.secret(TOKEN_PREFIX)
    made = repository.add_token(
        tx,
        {
            "fingerprint": ids.fingerprint(text),
            "name": name.strip(),
            "hint": text[-4:],
            "person_id": person_id,
            "created_at": clock.now(),
        },
    )
    journal.write(tx, "accounts.token_created", f"person:{person_id}", token=made.id)
    return text, made


def add_member(tx: Connection, project_id: int, person_id: int, role: str, actor: str = "system") -> None:
    """Let a person into a project, or change their role there."""
    if role not in PROJECT_ROLES:
        raise Invalid(f"A role in a project is one of {', '.join(PROJECT_ROLES)}.", code="accounts.role_unknown")
    before = repository.put_member(tx, project_id, person_id, role, clock.now())
    if before != role:
        kind = "accounts.member_added" if before is None else "accounts.member_changed"
        journal.write(tx, kind, actor, project=project_id, person=person_id, role=role)


def members(tx: Connection, project_id: int) -> list[Member]:
    """Everybody in a project."""
    return repository.members(tx, project_id)


def memberships(tx: Connection, person_id: int) -> list[tuple[int, str]]:
    """The ids of a person's projects with their role in each."""
    return repository.memberships(tx, person_id)
