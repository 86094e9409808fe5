"""People, roles and what each role may do: pure rules."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from meguri.kit.errors import Forbidden, NotFound

Key = Literal["session", "token"]

SITE_ROLES = ("owner", "engineer", "operator", "annotator")
PROJECT_ROLES = ("engineer", "operator", "annotator")
LANGUAGES = ("en", "ja")


class Right(StrEnum):
    """What a route asks for."""

    SIGNED_IN = "signed_in"  # of the site: anybody with a key
    CREATE = "create"  # of the site: make projects
    OWN = "own"  # of the site: everything
    LABEL = "label"  # of a project: be lent work and answer it
    REVIEW = "review"  # of a project: decide what the model could not
    VIEW = "view"  # of a project: see its items, models and people
    PREDICT = "predict"  # of a project: ask its model
    MANAGE = "manage"  # of a project: change it


SITE_RIGHTS: dict[str, frozenset[Right]] = {
    "owner": frozenset(Right),
    "engineer": frozenset({Right.SIGNED_IN, Right.CREATE}),
    "operator": frozenset({Right.SIGNED_IN}),
    "annotator": frozenset({Right.SIGNED_IN}),
}
_OPERATOR = frozenset({Right.LABEL, Right.REVIEW, Right.VIEW, Right.PREDICT})
PROJECT_RIGHTS: dict[str, frozenset[Right]] = {
    "engineer": _OPERATOR | {Right.MANAGE},
    "operator": _OPERATOR,
    "annotator": frozenset({Right.LABEL}),
}
OF_THE_SITE = frozenset({Right.SIGNED_IN, Right.CREATE, Right.OWN})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in, or a simulated one. `role` counts on the whole site."""

    id: int
    email: str
    name: str
    role: str
    language: str
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is at the door: a person, their role on the site and in the project they entered.

    `by` tells which kind of key they came with and `key_id` which one; a session also has a `csrf`.
    """

    person_id: int
    name: str
    site_role: str
    project_role: str | None = None
    by: Key = "token"
    key_id: int = 0
    csrf: str = ""
    language: str = "en"

    @property
    def label(self) -> str:
        """The actor as the journal writes it, such as `person:7`."""
        return f"person:{self.person_id}"

    @property
    def owns(self) -> bool:
        """Whether everything is open to them."""
        return self.site_role == "owner"

    def may(self, right: Right) -> bool:
        """Whether they have a right of the site or of the project they entered."""
        site = SITE_RIGHTS.get(self.site_role, frozenset())
        return right in site or right in PROJECT_RIGHTS.get(self.project_role or "", frozenset())


def check_right(actor: Actor, right: Right) -> None:
    """Raise unless the actor may do this; a project is invisible to those outside it."""
    if actor.may(right):
        return
    if right not in OF_THE_SITE and actor.project_role is None:
        raise NotFound("There is no such project here, or you are not a member of it.", code="not_found")
    raise Forbidden(
        f"This needs the right to {right.value.replace('_', ' ')}; ask the owner or an engineer of the project for it.",
        right=right.value,
    )


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a project, with their role there."""

    person_id: int
    name: str
    email: str
    role: str
    since: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class Token:
    """An API token; its text is shown once, when it is made."""

    id: int
    person_id: int
    name: str
    hint: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets people in. `project_id` None: to the site, to no project yet."""

    id: int
    project_id: int | None
    role: str
    uses_left: int
    hint: str
    made_by: int
    created_at: int
    expires_at: int
    revoked_at: int | None

    def valid(self, now: int) -> bool:
        """Whether somebody can still come in by it."""
        return self.revoked_at is None and self.uses_left > 0 and self.expires_at > now


def site_role_of_newcomer(invited_as: str, inviter_role: str) -> str:
    """The site role of somebody who comes by a link: only an owner's link makes people who may create projects."""
    if invited_as == "engineer" and inviter_role != "owner":
        return "operator"
    return invited_as
