"""What a project's settings may be: their schema, and the members of the galleries that some of them name."""

import inspect
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from meguri.accounts.http import DoorDep
from meguri.accounts.model import Right
from meguri.evaluation.gates.base import gates
from meguri.kit.registry import Registry
from meguri.labelling.model import Settings
from meguri.loop.named import AUTO, BY_SETTING

router = APIRouter(tags=["porch"])


class Member(BaseModel):
    """One member of a gallery, with the first sentence about it."""

    name: str
    about: str


class GateMember(Member):
    """A gate with the JSON schema of its settings."""

    schema_of_settings: dict[str, Any]


class ProjectSettings(BaseModel):
    """The JSON schema of a project's settings; `galleries`: what may stand in those that name a member."""

    settings: dict[str, Any]
    galleries: dict[str, list[Member]]
    gates: list[GateMember]


@router.get("/project-settings")
def project_settings(door: DoorDep) -> ProjectSettings:
    """Every setting of a project with its default, limits and choices, to draw a form from."""
    door.read(Right.SIGNED_IN, None, lambda tx, actor: None)
    return ProjectSettings(
        settings=Settings.model_json_schema(),
        galleries={setting: _members(setting, registry) for setting, registry in BY_SETTING.items()},
        gates=[_gate(name) for name in gates],
    )


def _members(setting: str, registry: Registry[Any]) -> list[Member]:
    found = [Member(name=name, about=_about(registry[name])) for name in registry]
    may_be_auto = Settings.model_fields[setting].default == AUTO and AUTO not in registry
    return [Member(name=AUTO, about="Whatever fits the data."), *found] if may_be_auto else found


def _gate(name: str) -> GateMember:
    gate = gates[name]
    return GateMember(name=name, about=_about(gate), schema_of_settings=gate.Settings.model_json_schema())


def _about(member: Any) -> str:
    return (inspect.getdoc(type(member)) or "").split("\n\n")[0].replace("\n", " ")
