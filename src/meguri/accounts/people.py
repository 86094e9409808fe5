"""People and their memberships: who there is, and what changes about them."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from meguri.accounts import repository
from meguri.accounts.model import LANGUAGES, PROJECT_ROLES, SITE_ROLES, Member, Person
from meguri.accounts.passwords import Hashed, hash_password
from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.kit.paging import Page, clamp, page_of
from meguri.storage import journal

OWNERS = "accounts.owners"  # the lock under which owners come and go
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,255}")


def normal_email(text: str) -> str:
    """The one form in which an address is kept; raises for what is none."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        problem = "is not an e-mail address such as name@example.org"
        raise Invalid(
            f"The address {problem}.", code="accounts.email_invalid", where=[{"field": "email", "problem": problem}]
        )
    return email


def check_role(role: str, known: tuple[str, ...]) -> None:
    """Raise unless the role is one of `known`."""
    if role not in known:
        problem = f"is not one of {', '.join(known)}"
        raise Invalid(
            f"The role {problem}.", code="accounts.role_unknown", where=[{"field": "role", "problem": problem}]
        )


def check_language(language: str) -> None:
    """Raise unless the page speaks this language."""
    if language not in LANGUAGES:
        problem = f"is not one of {', '.join(LANGUAGES)}"
        raise Invalid(
            f"The language {problem}.",
            code="accounts.language_unknown",
            where=[{"field": "language", "problem": problem}],
        )


def check_name(name: str) -> str:
    """The name without space around it; raises for an empty or endless one."""
    short = name.strip()
    if not 1 <= len(short) <= 200:
        problem = "must have 1 to 200 characters"
        raise Invalid(
            f"The name {problem}.", code="accounts.name_invalid", where=[{"field": "name", "problem": problem}]
        )
    return short


def person(tx: Connection, person_id: int) -> Person:
    """The person with this id."""
    found = repository.person_by(tx, id=person_id)
    if found is None:
        raise NotFound("There is no such person.", code="accounts.person_unknown")
    return found


def person_by_email(tx: Connection, email: str) -> Person | None:
    """The person with this address, or None."""
    return repository.person_by(tx, email=email.strip().lower())


def people(tx: Connection) -> list[Person]:
    """Everybody who has an account, oldest account first."""
    return repository.people(tx, None, 1_000_000)


def page_of_people(tx: Connection, after: int | None, limit: int | None) -> Page[Person]:
    """Some of the people, oldest account first."""
    wanted = clamp(limit)
    return page_of(repository.people(tx, after, wanted + 1), wanted, lambda found: found.id)


def names(tx: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    """The names of these people by id."""
    wanted = sorted(set(person_ids))
    return {found.id: found.name for found in repository.people_by_ids(tx, wanted)} if wanted else {}


def create_person(
    tx: Connection,
    *,
    email: str,
    name: str,
    password: str | Hashed | None,
    role: str,
    language: str = "en",
    actor: str = "system",
) -> Person:
    """Make a person. Without a password they can only come by token, as simulated people do.

    A plain `password` is hashed here, which holds the transaction for some 80 ms: give a
    `Hashed` where others write at the same time. Raises Conflict when the address has an account.
    """
    email = normal_email(email)
    check_role(role, SITE_ROLES)
    check_language(language)
    kept = hash_password(password, email) if isinstance(password, str) else password
    row = {
        "email": email,
        "name": check_name(name),
        "password": None if kept is None else kept.text,
        "role": role,
        "language": language,
        "created_at": clock.now(),
    }
    made = repository.add_person(tx, row)
    journal.write(tx, "accounts.person_created", actor, person=made.id, role=role)
    return made


def change_person(
    tx: Connection, person_id: int, actor: str, *, role: str | None = None, disabled: bool | None = None
) -> Person:
    """Change what the owner may change of a person. Disabling ends their sessions and their invitations.

    Raises Conflict rather than leave the site without an owner.
    """
    before = person(tx, person_id)
    now = clock.now()
    changes: dict[str, Any] = {}
    if role is not None and role != before.role:
        check_role(role, SITE_ROLES)
        changes["role"] = role
    if disabled is not None and disabled != (before.disabled_at is not None):
        changes["disabled_at"] = now if disabled else None
    if before.role == "owner" and (changes.get("role") or changes.get("disabled_at")):
        _check_other_owner(tx, person_id)
    repository.change_person(tx, person_id, changes)
    if "role" in changes:
        journal.write(tx, "accounts.role_changed", actor, person=person_id, role=role, before=before.role)
    if "disabled_at" in changes:
        _journal_disabled(tx, person_id, actor, bool(disabled), now)
    return person(tx, person_id)


def _check_other_owner(tx: Connection, person_id: int) -> None:
    repository.lock(tx, OWNERS)
    if not repository.other_owners(tx, person_id):
        raise Conflict(
            "This is the last owner of the site; make somebody else owner first.", code="accounts.last_owner"
        )


def _journal_disabled(tx: Connection, person_id: int, actor: str, disabled: bool, now: int) -> None:
    if disabled:
        repository.end_sessions(tx, person_id)
        repository.revoke_invitations(tx, now, made_by=person_id)
    journal.write(tx, "accounts.disabled" if disabled else "accounts.enabled", actor, person=person_id)


def change_self(tx: Connection, person_id: int, *, name: str | None = None, language: str | None = None) -> None:
    """Change what a person may change of themselves."""
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = check_name(name)
    if language is not None:
        check_language(language)
        changes["language"] = language
    repository.change_person(tx, person_id, changes)


def add_member(tx: Connection, project_id: int, person_id: int, role: str, actor: str = "system") -> None:
    """Let a person into a project, or change their role there."""
    check_role(role, PROJECT_ROLES)
    before = repository.put_member(tx, project_id, person_id, role, clock.now())
    if before == role:
        return
    if before == "engineer":  # who may no longer invite has no open invitations
        repository.revoke_invitations(tx, clock.now(), made_by=person_id, project_id=project_id)
    kind = "accounts.member_added" if before is None else "accounts.member_changed"
    journal.write(tx, kind, actor, project=project_id, person=person_id, role=role)


def change_member(tx: Connection, project_id: int, person_id: int, role: str, actor: str) -> None:
    """Change the role of a member; raises NotFound for somebody outside."""
    if repository.role_in(tx, project_id, person_id) is None:
        raise _no_member()
    add_member(tx, project_id, person_id, role, actor)


def remove_member(tx: Connection, project_id: int, person_id: int, actor: str) -> None:
    """Take a person out of a project; their answers stay, their invitations to it end."""
    if not repository.remove_member(tx, project_id, person_id):
        raise _no_member()
    repository.revoke_invitations(tx, clock.now(), made_by=person_id, project_id=project_id)
    journal.write(tx, "accounts.member_removed", actor, project=project_id, person=person_id)


def _no_member() -> NotFound:
    return NotFound("This person is not in the project.", code="accounts.no_member")


def members(tx: Connection, project_id: int) -> list[Member]:
    """Everybody in a project, oldest member first."""
    return repository.members(tx, project_id)


def memberships(tx: Connection, person_id: int) -> list[tuple[int, str]]:
    """The ids of a person's projects with their role in each."""
    return repository.memberships(tx, person_id)
