"""Projects: made, changed, listed, kept in memory."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.accounts.model import Actor
from meguri.annotation import service as annotations
from meguri.annotation.model import LabelSchema
from meguri.data.modalities.base import modalities
from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.labelling.model import Project, Settings
from meguri.labelling.repository import projects as repository
from meguri.storage import journal

MAX_NAME = 200
KEPT = 512  # projects in memory

_kept: dict[str, Project] = {}


def create_project(
    tx: Connection,
    actor: Actor | str,
    *,
    name: str,
    modality: str,
    questions: Iterable[Mapping[str, Any]],
    guidelines: str = "",
    settings: Settings | Mapping[str, Any] | None = None,
    seed: str | None = None,
) -> Project:
    """Make a project; a person who makes one is an engineer in it.

    `questions` are `{name, type, title?, required?, help?, …config}`. `seed` fixes the split and every draw.
    Raises `Invalid` naming each field or question at fault.
    """
    _check_name(name)
    modalities[modality]  # raises for a name that no modality has
    schema = LabelSchema.from_json(questions, modality)
    person_id = actor.person_id if isinstance(actor, Actor) else None
    row = {
        "name": name.strip(),
        "modality": modality,
        "questions": schema.to_json(),
        "guidelines": guidelines,
        "settings": read_settings(settings or {}).model_dump(mode="json"),
        "seed": seed or secrets.token_hex(16),
        "made_by": person_id,
        "created_at": clock.now(),
        "stamp": _new_stamp(),
    }
    made = repository.insert(tx, row)
    who = actor.label if isinstance(actor, Actor) else actor
    journal.write(tx, "labelling.project_made", who, project=made, name=row["name"], modality=modality)
    if person_id is not None:
        accounts.add_member(tx, made, person_id, "engineer", who)
    return project(tx, made)


def project(tx: Connection, project_id: int) -> Project:
    """The project as it is in this transaction, or `NotFound`.

    Reads one short column: a project that did not change since is taken from memory.
    """
    stamp = repository.stamp(tx, project_id)
    if stamp is None:
        raise NotFound(f"There is no project {project_id}.", code="not_found", project=project_id)
    return of_stamp(tx, project_id, stamp)


def of_stamp(tx: Connection, project_id: int, stamp: str) -> Project:
    """The project in the state that bears this stamp."""
    kept = _kept.get(stamp)
    if kept is not None:
        return kept
    found = repository.get(tx, project_id)
    if found is None:
        raise NotFound(f"There is no project {project_id}.", code="not_found", project=project_id)
    while len(_kept) >= KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[found.stamp] = found
    return found


def projects(tx: Connection, actor: Actor) -> list[tuple[Project, str, int]]:
    """What this person may enter, newest first: each project, their role in it, and how many tasks wait there."""
    roles = dict(accounts.memberships(tx, actor.person_id))
    found = repository.page(tx, None if actor.owns else list(roles))
    waiting = repository.pending_counts(tx, [one.id for one in found])
    return [(one, role_in(actor, roles.get(one.id)), waiting.get(one.id, 0)) for one in found]


def role_in(actor: Actor, member_role: str | None) -> str:
    """What the page shows as somebody's role in a project."""
    return "owner" if actor.owns else member_role or ""


def change_project(
    tx: Connection,
    actor: Actor,
    project_id: int,
    *,
    name: str | None = None,
    guidelines: str | None = None,
    settings: Mapping[str, Any] | None = None,
    questions: Sequence[Mapping[str, Any]] | None = None,
) -> Project:
    """Change what is given; of `settings` only the keys that are named.

    Questions may change as long as every answer given so far stays legal.
    """
    now = project(tx, project_id)
    row: dict[str, Any] = {}
    if name is not None:
        _check_name(name)
        row["name"] = name.strip()
    if guidelines is not None:
        row["guidelines"] = guidelines
    if settings is not None:
        row["settings"] = read_settings({**now.settings.model_dump(), **settings}).model_dump(mode="json")
    if questions is not None:
        schema = LabelSchema.from_json(questions, now.modality)
        _check_still_legal(tx, project_id, schema)
        row["questions"] = schema.to_json()
    if row:
        repository.change(tx, project_id, {**row, "stamp": _new_stamp()})
        journal.write(tx, "labelling.project_changed", actor.label, project=project_id, **_told(now, row))
    return project(tx, project_id)


def archive_project(tx: Connection, actor: Actor, project_id: int) -> None:
    """Take a project off the list; nothing is deleted and nobody is lent its tasks any more."""
    if project(tx, project_id).archived_at is None:
        repository.change(tx, project_id, {"archived_at": clock.now(), "stamp": _new_stamp()})
        journal.write(tx, "labelling.project_archived", actor.label, project=project_id)


def read_settings(given: Settings | Mapping[str, Any]) -> Settings:
    """Settings from JSON; raises `Invalid` naming each field at fault."""
    if isinstance(given, Settings):
        return given
    try:
        return Settings.model_validate(dict(given))
    except ValidationError as error:
        where = [
            {"field": ".".join(map(str, ("settings", *one["loc"]))), "problem": str(one["msg"])}
            for one in error.errors(include_url=False)
        ]
        told = "; ".join(f"{place['field']}: {place['problem']}" for place in where)
        raise Invalid(f"The settings are not valid. {told}.", code="labelling.settings", where=where) from None


def check_active(found: Project) -> None:
    """Raise for an archived project."""
    if found.archived_at is not None:
        raise Conflict("This project is archived; nothing is labelled in it any more.", code="labelling.archived")


def _check_still_legal(tx: Connection, project_id: int, schema: LabelSchema) -> None:
    """Every answer given so far must fit the new questions; those that are new or optional may be unanswered."""
    lenient = LabelSchema(tuple(replace(question, required=False) for question in schema.questions))
    after = 0
    while page := annotations.after(tx, project_id, after):
        for one in page:
            try:
                lenient.check(one.answers)
            except Invalid as error:
                raise Conflict(
                    f"The new questions do not fit answers that were given: {error.detail} "
                    "Keep the questions and options that were used, or make a new project.",
                    code="labelling.schema_in_use",
                    where=error.where,
                ) from None
        after = page[-1].id


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME:
        problem = f"A project needs a name of 1 to {MAX_NAME} characters."
        raise Invalid(problem, code="labelling.name", where=[{"field": "name", "problem": problem}])


def _told(before: Project, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal says of a change: which fields, and the settings that differ."""
    old, new = before.settings.model_dump(mode="json"), row.get("settings", {})
    changed = {key: {"from": old[key], "to": value} for key, value in new.items() if old[key] != value}
    return {"fields": sorted(row), "settings": changed}


def _new_stamp() -> str:
    return secrets.token_hex(12)
