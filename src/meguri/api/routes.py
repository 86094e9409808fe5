"""Routes that belong to no single room: health, the journal, what moves right now."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import Connection

from meguri import __version__
from meguri.accounts import service as accounts
from meguri.accounts.http import Door, DoorDep
from meguri.accounts.model import Actor, Right
from meguri.api.hub import Change, Hub, Listener
from meguri.kit import clock
from meguri.kit.errors import MeguriError
from meguri.labelling import service as labelling
from meguri.storage import journal

router = APIRouter(tags=["porch"])

HEARTBEAT = 15.0  # seconds; also how soon a stream ends whose key has ended
RETRY = 2_000  # milliseconds after which a browser comes again
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: what was missed, `ready`, then each `change` as `{kind, id, count}`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class Health(BaseModel):
    """The server runs and its database answers."""

    ok: bool
    version: str


class InvitationLook(BaseModel):
    """Where an invitation leads; not `valid`: it has ended, was revoked or is used up."""

    project_name: str | None
    role: str
    expires_at: str
    valid: bool


class JournalRow(BaseModel):
    """Who or what did what, when, and to which item, task or model."""

    id: int
    at: str
    kind: str
    actor: str
    actor_name: str | None
    item: int | None
    task: int | None
    model_version: int | None
    policy: str | None
    facts: dict[str, Any]


class JournalRows(BaseModel):
    """Facts, newest first; `after` is the `before` of the next page."""

    rows: list[JournalRow]
    after: int | None


@router.get("/health", openapi_extra={"security": []})
def health(door: DoorDep) -> Health:
    """Whether the server and its database answer."""
    door.open_read(accounts.needs_owner)
    return Health(ok=True, version=__version__)


@router.get("/join/{secret}", openapi_extra={"security": []})
def look_at_invitation(secret: str, door: DoorDep) -> InvitationLook:
    """Where a link leads, for whoever holds it."""

    def look(tx: Connection) -> InvitationLook:
        found = accounts.invitation_by_secret(tx, secret)
        name = None if found.project_id is None else labelling.project(tx, found.project_id).name
        return InvitationLook(
            project_name=name,
            role=found.role,
            expires_at=clock.iso(found.expires_at),
            valid=found.valid(clock.now()),
        )

    return door.open_read(look)


@router.get("/projects/{project_id}/journal")
def journal_of_project(
    project_id: int,
    door: DoorDep,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int | None, Query(ge=1, le=500)] = None,
) -> JournalRows:
    """What happened in the project, newest first."""

    def load(tx: Connection, actor: Actor) -> JournalRows:
        page = journal.of_project(tx, project_id, before=before, limit=limit)
        names = accounts.names(tx, {person for entry in page.rows if (person := _person(entry.actor))})
        return JournalRows(rows=[_row(entry, names) for entry in page.rows], after=page.after)

    return door.read(Right.VIEW, project_id, load)


def _person(actor: str) -> int | None:
    number = actor.removeprefix("person:")
    return int(number) if number.isdecimal() else None


def _row(entry: journal.Entry, names: dict[int, str]) -> JournalRow:
    return JournalRow(
        id=entry.id,
        at=clock.iso(entry.at),
        kind=entry.kind,
        actor=entry.actor,
        actor_name=names.get(_person(entry.actor) or 0),
        item=entry.item_id,
        task=entry.task_id,
        model_version=entry.model_version_id,
        policy=entry.policy,
        facts=entry.facts,
    )


@router.get("/projects/{project_id}/events", responses=EVENT_STREAM, response_class=StreamingResponse)
async def events(project_id: int, door: DoorDep, last_event_id: Annotated[str, Header()] = "") -> StreamingResponse:
    """What moves in the project, as it moves; a reader who comes again says what they heard last."""
    heard = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 19 else None

    newest = await asyncio.to_thread(
        door.read, Right.VIEW, project_id, lambda tx, actor: journal.newest(tx, project_id)
    )
    return StreamingResponse(
        _stream(door, project_id, newest, newest if heard is None else heard),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # a proxy must pass each event on at once
    )


async def _stream(door: Door, project_id: int, newest: int, heard: int) -> AsyncIterator[str]:
    hub: Hub = door.request.app.state.hub
    listener = hub.listen(project_id, newest)
    try:
        # Listening began before this look, so nothing falls between the two.
        for missed in await asyncio.to_thread(_missed, door, project_id, heard):
            yield _event("change", missed.facts(), missed.id)
        yield f"retry: {RETRY}\n" + _event("ready", {"id": newest}, newest)
        async for change in _heard(hub, listener):
            if change is not None:
                yield _event("change", change.facts(), change.id)
            elif await asyncio.to_thread(_may_stay, door, project_id):
                yield ": still here\n\n"
            else:
                return
    finally:
        hub.leave(project_id, listener)


async def _heard(hub: Hub, listener: Listener) -> AsyncIterator[Change | None]:
    """Changes as they come, and None after every while of silence."""
    while not hub.closing:
        try:
            change = await asyncio.wait_for(listener.get(), HEARTBEAT)
        except TimeoutError:
            yield None
            continue
        if change is None:
            return
        yield change


def _missed(door: Door, project_id: int, heard: int) -> list[Change]:
    tallies = door.open_read(lambda tx: journal.tally(tx, project_id, heard))
    return [Change(tally.kind, tally.newest, tally.count) for tally in sorted(tallies, key=lambda one: one.newest)]


def _may_stay(door: Door, project_id: int) -> bool:
    try:
        door.read(Right.VIEW, project_id, lambda tx, actor: None)
    except MeguriError:
        return False
    return True


def _event(name: str, data: dict[str, Any], number: int | None) -> str:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
