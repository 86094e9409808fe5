"""What goes in and out of this room's routes."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from meguri.accounts.model import Invitation, Person, Token
from meguri.kit import clock

Name = Annotated[str, Field(min_length=1, max_length=200)]
Email = Annotated[str, Field(min_length=3, max_length=320, examples=["name@example.org"])]
Password = Annotated[str, Field(max_length=200, json_schema_extra={"format": "password"})]
Language = Literal["en", "ja"]
SiteRole = Literal["owner", "engineer", "operator", "annotator"]
ProjectRole = Literal["engineer", "operator", "annotator"]


class SetupNeeded(BaseModel):
    """Whether the first visitor may become the owner."""

    needed: bool


class Newcomer(BaseModel):
    """Somebody's first sign-in."""

    name: Name
    email: Email
    password: Password
    language: Language = "en"


class Login(BaseModel):
    """An address and its password."""

    email: Email
    password: Password


class OwnProject(BaseModel):
    """A project that one is in."""

    id: int
    role: ProjectRole


class Me(BaseModel):
    """Who is signed in. `csrf` goes into X-CSRF-Token of a session's unsafe requests; a token has none."""

    id: int
    name: str
    email: str
    role: SiteRole
    language: str
    csrf: str
    projects: list[OwnProject]


class MeChange(BaseModel):
    """What a person may change of themselves; a new password needs the old one."""

    name: Name | None = None
    language: Language | None = None
    password: Password | None = None
    old_password: Password | None = None


class TokenName(BaseModel):
    """What a token is for."""

    name: Name


class TokenRow(BaseModel):
    """A token without its text; `hint` is its last four characters."""

    id: int
    name: str
    hint: str
    created_at: str

    @classmethod
    def of(cls, token: Token) -> "TokenRow":
        return cls(id=token.id, name=token.name, hint=token.hint, created_at=clock.iso(token.created_at))


class TokenRows(BaseModel):
    """One's own tokens."""

    rows: list[TokenRow]
    after: int | None = None


class NewToken(TokenRow):
    """A fresh token with its text, which is shown this once."""

    token: str


class PersonRow(BaseModel):
    """Somebody who has an account."""

    id: int
    name: str
    email: str
    role: SiteRole
    language: str
    created_at: str
    disabled: bool

    @classmethod
    def of(cls, person: Person) -> "PersonRow":
        return cls(
            id=person.id,
            name=person.name,
            email=person.email,
            role=person.role,  # type: ignore[arg-type]
            language=person.language,
            created_at=clock.iso(person.created_at),
            disabled=person.disabled_at is not None,
        )


class PersonRows(BaseModel):
    """Everybody who has an account."""

    rows: list[PersonRow]
    after: int | None


class PersonChange(BaseModel):
    """What the owner may change of a person."""

    role: SiteRole | None = None
    disabled: bool | None = None


class RoleChange(BaseModel):
    """Another role in a project."""

    role: ProjectRole


class InvitationWish(BaseModel):
    """A link for `uses` people, good for `days`."""

    role: ProjectRole
    uses: Annotated[int, Field(ge=1, le=1_000)] = 1
    days: Annotated[int, Field(ge=1, le=90)] = 7


class InvitationRow(BaseModel):
    """A link without its secret; `hint` is its last four characters."""

    id: int
    project_id: int | None
    role: ProjectRole
    uses_left: int
    hint: str
    created_at: str
    expires_at: str

    @classmethod
    def of(cls, made: Invitation) -> "InvitationRow":
        return cls(**_of_invitation(made))


class InvitationRows(BaseModel):
    """The links that still let somebody in."""

    rows: list[InvitationRow]
    after: int | None = None


class NewInvitation(InvitationRow):
    """A fresh link; its secret is shown this once."""

    secret: str
    url: str

    @classmethod
    def fresh(cls, made: Invitation, secret: str, site: str) -> "NewInvitation":
        return cls(**_of_invitation(made), secret=secret, url=f"{site}/join/{secret}")


def _of_invitation(made: Invitation) -> dict[str, Any]:
    return {
        "id": made.id,
        "project_id": made.project_id,
        "role": made.role,
        "uses_left": made.uses_left,
        "hint": made.hint,
        "created_at": clock.iso(made.created_at),
        "expires_at": clock.iso(made.expires_at),
    }
