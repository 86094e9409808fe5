"""The door of this room: people, their keys, and who may do what."""

from dataclasses import replace

from sqlalchemy import Connection

from meguri.accounts import repository
from meguri.accounts.entry import (
    change_password,
    check_needs_owner,
    end_session,
    extend_session,
    is_fading,
    login,
    needs_owner,
    open_session,
    set_password,
    setup_owner,
    tidy,
)
from meguri.accounts.invitations import (
    accept,
    check_invitation,
    invitation,
    invitation_by_secret,
    invitations,
    invite,
    join,
    revoke_invitation,
)
from meguri.accounts.model import Actor, Key, Right, Token, check_right
from meguri.accounts.passwords import hash_password
from meguri.accounts.people import (
    add_member,
    change_member,
    change_person,
    change_self,
    check_name,
    create_person,
    members,
    memberships,
    names,
    page_of_people,
    people,
    person,
    person_by_email,
    remove_member,
)
from meguri.kit import clock, ids
from meguri.kit.errors import NotFound, Unauthenticated
from meguri.storage import journal

__all__ = [
    "accept",
    "add_member",
    "authenticate",
    "change_member",
    "change_password",
    "change_person",
    "change_self",
    "check_invitation",
    "check_needs_owner",
    "create_person",
    "create_token",
    "end_session",
    "entitle",
    "extend_session",
    "hash_password",
    "invitation",
    "invitation_by_secret",
    "invitations",
    "invite",
    "is_fading",
    "join",
    "login",
    "members",
    "memberships",
    "names",
    "needs_owner",
    "open_session",
    "page_of_people",
    "people",
    "person",
    "person_by_email",
    "remove_member",
    "revoke_invitation",
    "revoke_token",
    "set_password",
    "setup_owner",
    "tidy",
    "tokens",
]

TOKEN_PREFIX = "mgr_"  # noqa: S105 -- the visible beginning of every token, so that scanners find leaked ones


def authenticate(tx: Connection, by: Key, secret: str, project_id: int | None = None) -> tuple[Actor, int]:
    """Who holds this key, with their role in the project, and when the key ends (0: never); one statement.

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


def create_token(tx: Connection, person_id: int, name: str) -> tuple[str, Token]:
    """Make an API token; its text is returned here and never again."""
    text = ids.secret(TOKEN_PREFIX)
    row = {
        "fingerprint": ids.fingerprint(text),
        "name": check_name(name),
        "hint": text[-4:],
        "person_id": person_id,
        "created_at": clock.now(),
    }
    made = repository.add_token(tx, row)
    journal.write(tx, "accounts.token_created", f"person:{person_id}", token=made.id)
    return text, made


def tokens(tx: Connection, person_id: int) -> list[Token]:
    """A person's tokens that still open the door, newest first."""
    return repository.tokens(tx, person_id)


def revoke_token(tx: Connection, person_id: int, token_id: int) -> None:
    """End one of a person's tokens at once."""
    if not repository.revoke_token(tx, person_id, token_id, clock.now()):
        raise NotFound("You have no such token.", code="accounts.token_unknown")
    journal.write(tx, "accounts.token_revoked", f"person:{person_id}", token=token_id)
