"""Links that let people in: made by those who may, counted, ending by themselves."""

from dataclasses import replace

from sqlalchemy import Connection

from meguri.accounts import people, repository
from meguri.accounts.model import PROJECT_ROLES, Actor, Invitation, Person, site_role_of_newcomer
from meguri.accounts.passwords import Hashed
from meguri.kit import clock, ids
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.storage import journal

MAX_USES = 1_000
MAX_DAYS = 90


def invite(
    tx: Connection, actor: Actor, *, project_id: int | None, role: str, uses: int = 1, days: int = 7
) -> tuple[str, Invitation]:
    """Make a link for `uses` people within `days`; returns its secret, which is kept only as a hash."""
    people.check_role(role, PROJECT_ROLES)
    _check_range("uses", uses, MAX_USES)
    _check_range("days", days, MAX_DAYS)
    secret = ids.secret()
    now = clock.now()
    made = repository.add_invitation(
        tx,
        {
            "fingerprint": ids.fingerprint(secret),
            "hint": secret[-4:],
            "project_id": project_id,
            "role": role,
            "uses_left": uses,
            "made_by": actor.person_id,
            "created_at": now,
            "expires_at": now + days * clock.DAY,
        },
    )
    journal.write(tx, "accounts.invited", actor.label, project=project_id, invitation=made.id, role=role, uses=uses)
    return secret, made


def _check_range(field: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        problem = f"must be 1 to {most}"
        raise Invalid(f"`{field}` {problem}.", where=[{"field": field, "problem": problem}])


def invitations(tx: Connection, project_id: int | None) -> list[Invitation]:
    """The links to a project, or to the site, that still let somebody in; newest first."""
    return repository.invitations(tx, project_id, clock.now())


def invitation(tx: Connection, invitation_id: int) -> Invitation:
    """One invitation by its id."""
    found = repository.invitation_by(tx, id=invitation_id)
    if found is None:
        raise NotFound("There is no such invitation.", code="accounts.invitation_unknown")
    return found


def invitation_by_secret(tx: Connection, secret: str) -> Invitation:
    """The invitation of a link, also when it has ended."""
    found = repository.invitation_by(tx, fingerprint=ids.fingerprint(secret))
    if found is None:
        raise NotFound("This link is not known here; ask for a new one.", code="accounts.invitation_unknown")
    return found


def check_invitation(tx: Connection, secret: str) -> None:
    """Raise unless somebody can still come in by this link."""
    if not invitation_by_secret(tx, secret).valid(clock.now()):
        raise _ended()


def revoke_invitation(tx: Connection, actor: Actor, found: Invitation) -> None:
    """End a link before its time; ending it twice is the same."""
    if repository.revoke_invitations(tx, clock.now(), id=found.id):
        journal.write(tx, "accounts.invitation_revoked", actor.label, project=found.project_id, invitation=found.id)


def join(
    tx: Connection, secret: str, *, name: str, email: str, password: str | Hashed | None, language: str = "en"
) -> Person:
    """Make the account of somebody who came by a link, and let them into its project."""
    used = _use(tx, secret)
    inviter = people.person(tx, used.made_by)
    role = site_role_of_newcomer(used.role, inviter.role)
    label = f"person:{used.made_by}"
    newcomer = people.create_person(
        tx, email=email, name=name, password=password, role=role, language=language, actor=label
    )
    _let_in(tx, used, newcomer.id)
    return newcomer


def accept(tx: Connection, actor: Actor, secret: str) -> Actor:
    """Let somebody who has an account into the link's project; members keep their role and use up nothing."""
    project_id = invitation_by_secret(tx, secret).project_id
    role = None if project_id is None else repository.role_in(tx, project_id, actor.person_id)
    if role is None:
        used = _use(tx, secret)
        _let_in(tx, used, actor.person_id)
        role = used.role
    return replace(actor, project_role=role)


def _use(tx: Connection, secret: str) -> Invitation:
    used = repository.use_invitation(tx, ids.fingerprint(secret), clock.now())
    if used is None:
        invitation_by_secret(tx, secret)
        raise _ended()
    return used


def _ended() -> Conflict:
    return Conflict("This link has ended; ask for a new one.", code="accounts.invitation_ended")


def _let_in(tx: Connection, used: Invitation, person_id: int) -> None:
    journal.write(
        tx, "accounts.joined", f"person:{person_id}", project=used.project_id, invitation=used.id, role=used.role
    )
    if used.project_id is not None:
        people.add_member(tx, used.project_id, person_id, used.role, f"person:{used.made_by}")
