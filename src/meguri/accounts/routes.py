"""Signing in and out, oneself, people, and the links that let them in."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from meguri.accounts import service
from meguri.accounts.entry import Session
from meguri.accounts.http import COOKIE, Door, DoorDep
from meguri.accounts.model import Actor, Person, Right, check_right
from meguri.accounts.schemas import (
    InvitationRow,
    InvitationRows,
    InvitationWish,
    Login,
    Me,
    MeChange,
    Newcomer,
    NewInvitation,
    NewToken,
    OwnProject,
    PersonChange,
    PersonRow,
    PersonRows,
    RoleChange,
    SetupNeeded,
    TokenName,
    TokenRow,
    TokenRows,
)
from meguri.kit.errors import Forbidden, Invalid

router = APIRouter(tags=["accounts"])

OPEN: dict[str, Any] = {"security": []}  # says in OpenAPI that a route needs no key
Limit = Annotated[int | None, Query(ge=1, le=500)]
After = Annotated[int | None, Query(ge=0)]


@router.get("/setup", openapi_extra=OPEN)
def setup_needed(door: DoorDep) -> SetupNeeded:
    """Whether the site waits for its first owner."""
    return SetupNeeded(needed=door.open_read(service.needs_owner))


@router.post("/setup", status_code=201, openapi_extra=OPEN)
def setup(body: Newcomer, door: DoorDep, response: Response) -> Me:
    """Become the owner of a fresh site and be signed in."""
    door.check_origin()
    door.open_read(service.check_needs_owner)
    hashed = service.hash_password(body.password, body.email)

    def begin(tx: Connection) -> tuple[Session, Me]:
        made = service.setup_owner(tx, email=body.email, name=body.name, password=hashed, language=body.language)
        return _begin_session(tx, door, made)

    return _signed_in(door, response, *door.open_write(begin))


@router.post("/login", openapi_extra=OPEN)
def login(body: Login, door: DoorDep, response: Response) -> Me:
    """Sign in with a password. The session that the browser had before ends."""
    door.check_origin()
    session = service.login(
        door.store.database,
        email=body.email,
        password=body.password,
        network=door.network,
        days=door.store.config.session_days,
        previous=door.session_secret,
    )
    me = door.open_read(lambda tx: _me(tx, session.person.id, session.csrf))
    return _signed_in(door, response, session, me)


@router.post("/logout", status_code=204)
def logout(door: DoorDep, response: Response) -> None:
    """End this session. A token ends by `DELETE /me/tokens/{id}`."""

    def end(tx: Connection, actor: Actor) -> None:
        if actor.by == "session":
            service.end_session(tx, door.session_secret or "")

    door.write(Right.SIGNED_IN, None, end)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.get("/me")
def me(door: DoorDep, response: Response) -> Me:
    """Who is signed in, and their projects. Renews the session's cookie."""
    found, actor = door.read(Right.SIGNED_IN, None, lambda tx, actor: (_me(tx, actor.person_id, actor.csrf), actor))
    if actor.by == "session" and door.session_secret:
        door.set_cookie(response, door.session_secret)
    return found


@router.patch("/me")
def change_me(body: MeChange, door: DoorDep) -> Me:
    """Change one's name, language or password; a new password ends one's other sessions."""
    actor = door.read(Right.SIGNED_IN, None, lambda tx, actor: actor)
    if body.password is not None:
        if body.old_password is None:
            raise Invalid(
                "A new password needs the old one beside it.",
                code="accounts.old_password_missing",
                where=[{"field": "old_password", "problem": "is missing"}],
            )
        service.change_password(
            door.store.database, actor, old=body.old_password, new=body.password, network=door.network
        )

    def change(tx: Connection, actor: Actor) -> Me:
        service.change_self(tx, actor.person_id, name=body.name, language=body.language)
        return _me(tx, actor.person_id, actor.csrf)

    return door.write(Right.SIGNED_IN, None, change)


@router.get("/me/tokens")
def list_tokens(door: DoorDep) -> TokenRows:
    """One's own API tokens, newest first."""
    found = door.read(Right.SIGNED_IN, None, lambda tx, actor: service.tokens(tx, actor.person_id))
    return TokenRows(rows=[TokenRow.of(token) for token in found])


@router.post("/me/tokens", status_code=201)
def create_token(body: TokenName, door: DoorDep) -> NewToken:
    """Make an API token; its text is shown this once. Only from a session: a leaked token makes no others."""

    def create(tx: Connection, actor: Actor) -> NewToken:
        if actor.by != "session":
            raise Forbidden("Only somebody signed in with a password makes tokens.", code="accounts.session_only")
        text, made = service.create_token(tx, actor.person_id, body.name)
        return NewToken(**TokenRow.of(made).model_dump(), token=text)

    return door.write(Right.SIGNED_IN, None, create)


@router.delete("/me/tokens/{token_id}", status_code=204)
def revoke_token(token_id: int, door: DoorDep) -> None:
    """End one of one's own tokens at once."""
    door.write(Right.SIGNED_IN, None, lambda tx, actor: service.revoke_token(tx, actor.person_id, token_id))


@router.get("/people")
def list_people(door: DoorDep, after: After = None, limit: Limit = None) -> PersonRows:
    """Everybody who has an account, oldest first."""
    page = door.read(Right.OWN, None, lambda tx, actor: service.page_of_people(tx, after, limit))
    return PersonRows(rows=[PersonRow.of(person) for person in page.rows], after=page.after)


@router.patch("/people/{person_id}")
def change_person(person_id: int, body: PersonChange, door: DoorDep) -> PersonRow:
    """Change somebody's role on the site, or disable them, which signs them out everywhere."""

    def change(tx: Connection, actor: Actor) -> PersonRow:
        changed = service.change_person(tx, person_id, actor.label, role=body.role, disabled=body.disabled)
        return PersonRow.of(changed)

    return door.write(Right.OWN, None, change)


@router.patch("/projects/{project_id}/people/{person_id}", status_code=204)
def change_member(project_id: int, person_id: int, body: RoleChange, door: DoorDep) -> None:
    """Give a member another role in the project."""
    door.write(
        Right.MANAGE,
        project_id,
        lambda tx, actor: service.change_member(tx, project_id, person_id, body.role, actor.label),
    )


@router.delete("/projects/{project_id}/people/{person_id}", status_code=204)
def remove_member(project_id: int, person_id: int, door: DoorDep) -> None:
    """Take somebody out of the project. Their answers stay."""
    door.write(
        Right.MANAGE, project_id, lambda tx, actor: service.remove_member(tx, project_id, person_id, actor.label)
    )


@router.get("/projects/{project_id}/invitations")
def list_invitations(project_id: int, door: DoorDep) -> InvitationRows:
    """The links to the project that still let somebody in."""
    found = door.read(Right.MANAGE, project_id, lambda tx, actor: service.invitations(tx, project_id))
    return InvitationRows(rows=[InvitationRow.of(made) for made in found])


@router.post("/projects/{project_id}/invitations", status_code=201)
def invite(project_id: int, body: InvitationWish, door: DoorDep) -> NewInvitation:
    """Make a link that lets people into the project; its secret is shown this once."""
    return _invite(door, Right.MANAGE, project_id, body)


@router.get("/invitations")
def list_site_invitations(door: DoorDep) -> InvitationRows:
    """The links to the site, into no project yet."""
    found = door.read(Right.OWN, None, lambda tx, actor: service.invitations(tx, None))
    return InvitationRows(rows=[InvitationRow.of(made) for made in found])


@router.post("/invitations", status_code=201)
def invite_to_site(body: InvitationWish, door: DoorDep) -> NewInvitation:
    """Make a link that lets people onto the site, into no project yet."""
    return _invite(door, Right.OWN, None, body)


@router.delete("/invitations/{invitation_id}", status_code=204)
def revoke_invitation(invitation_id: int, door: DoorDep) -> None:
    """End a link before its time."""

    def revoke(tx: Connection, actor: Actor) -> None:
        found = service.invitation(tx, invitation_id)
        if found.project_id is None:
            check_right(actor, Right.OWN)
        else:
            service.entitle(tx, actor, Right.MANAGE, found.project_id)
        service.revoke_invitation(tx, actor, found)

    door.write(Right.SIGNED_IN, None, revoke)


@router.post("/join/{secret}", status_code=201, openapi_extra=OPEN)
def join(secret: str, body: Newcomer, door: DoorDep, response: Response) -> Me:
    """Make an account by a link and be signed in."""
    door.check_origin()
    door.open_read(lambda tx: service.check_invitation(tx, secret))
    hashed = service.hash_password(body.password, body.email)

    def begin(tx: Connection) -> tuple[Session, Me]:
        made = service.join(tx, secret, name=body.name, email=body.email, password=hashed, language=body.language)
        return _begin_session(tx, door, made)

    return _signed_in(door, response, *door.open_write(begin))


@router.post("/join/{secret}/accept")
def accept(secret: str, door: DoorDep) -> Me:
    """Come into a link's project with the account one has."""

    def let_in(tx: Connection, actor: Actor) -> Me:
        service.accept(tx, actor, secret)
        return _me(tx, actor.person_id, actor.csrf)

    return door.write(Right.SIGNED_IN, None, let_in)


def _invite(door: Door, right: Right, project_id: int | None, wish: InvitationWish) -> NewInvitation:
    def make(tx: Connection, actor: Actor) -> NewInvitation:
        secret, made = service.invite(tx, actor, project_id=project_id, role=wish.role, uses=wish.uses, days=wish.days)
        return NewInvitation.fresh(made, secret, door.site)

    return door.write(right, project_id, make)


def _begin_session(tx: Connection, door: Door, person: Person) -> tuple[Session, Me]:
    if door.session_secret:
        service.end_session(tx, door.session_secret)
    session = service.open_session(tx, person, door.store.config.session_days)
    return session, _me(tx, person.id, session.csrf)


def _signed_in(door: Door, response: Response, session: Session, me: Me) -> Me:
    door.set_cookie(response, session.secret)
    return me


def _me(tx: Connection, person_id: int, csrf: str) -> Me:
    person = service.person(tx, person_id)
    projects = [OwnProject(id=project, role=role) for project, role in service.memberships(tx, person_id)]  # type: ignore[arg-type]
    return Me(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,  # type: ignore[arg-type]
        language=person.language,
        csrf=csrf,
        projects=projects,
    )
