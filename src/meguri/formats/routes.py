"""HTTP face: items come in, a file is looked at, labels go out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from meguri.accounts.http import Door, DoorDep
from meguri.accounts.model import Right
from meguri.formats import service
from meguri.formats.base import MEGABYTE
from meguri.formats.export import count_answers, export_live, writer
from meguri.formats.preview import Preview, preview
from meguri.formats.upload import Upload, receive
from meguri.kit.errors import Invalid
from meguri.labelling import service as labelling
from meguri.labelling.model import Project

router = APIRouter(tags=["formats"])

_ROW: dict[str, Any] = {
    "type": "object",
    "description": "Exactly one of text, url and data (Base64).",
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string"},
        "url": {"type": "string", "format": "uri"},
        "data": {"type": "string", "contentEncoding": "base64"},
        "key": {"type": ["string", "integer", "null"], "description": "Your own name for the item."},
        "meta": {"type": "object"},
        "label": {"description": "A value of the first question, or {question: value}."},
        "gold": {"type": "boolean"},
    },
}
_FILES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ROW}},
            "application/x-ndjson": {"schema": _ROW},
            "multipart/form-data": {"schema": _FILES},
        },
    }
}
_FILE_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILES}}}}

Column = Annotated[str | None, Query(max_length=500)]


class Imported(BaseModel):
    """How many items are new, and how many were already there."""

    created: int
    existing: int


class Said(BaseModel):
    """What the importer says about files; also read from fields of the form."""

    text_column: str | None = None
    label_column: str | None = None
    key_column: str | None = None
    question: str | None = None
    encoding: str | None = None
    folders: Literal["auto", "yes", "no"] | None = None


class PreviewOut(BaseModel):
    """The beginning of a file and what would go wrong with it."""

    format: str
    columns: list[str]
    rows: list[dict[str, Any]]
    guessed: dict[str, str | None]
    labels: dict[str, int]
    problems: list[dict[str, Any]]


@router.post("/projects/{project_id}/items", status_code=201, openapi_extra=_BODY)
async def add_items(
    project_id: int,
    request: Request,
    door: DoorDep,
    said: Annotated[Said, Query()],
) -> Imported:
    """Add items, all or none; the same key or content again is the same item.

    Everything is read and checked before the first row is written. An error names up to 50 rows in `where`.
    """
    project, actor = await run_in_threadpool(_enter, door, project_id)
    upload = await _receive(door, request)
    try:
        return await run_in_threadpool(_import, door, project, upload, _with_fields(said, upload), actor)
    finally:
        upload.close()


@router.post("/projects/{project_id}/items/preview", openapi_extra=_FILE_BODY)
async def preview_items(project_id: int, request: Request, door: DoorDep, said: Annotated[Said, Query()]) -> PreviewOut:
    """The columns and first rows of one file, guesses which column is what, and problems. Nothing is kept."""
    project, _ = await run_in_threadpool(_enter, door, project_id)
    upload = await _receive(door, request)
    try:
        found = await run_in_threadpool(_preview, door, project, upload, _with_fields(said, upload))
    finally:
        upload.close()
    return PreviewOut(**{name: getattr(found, name) for name in PreviewOut.model_fields})


@router.get("/projects/{project_id}/export", response_class=StreamingResponse)
def export(
    project_id: int,
    door: DoorDep,
    format: str = "jsonl",
    split: Literal["train", "validation", "test"] | None = None,
) -> StreamingResponse:
    """Every item with its labels and answers as one file: `jsonl`, `csv` or `folder` (a zip of class folders)."""
    member = writer(format)
    project = door.read(Right.VIEW, project_id, lambda tx, actor: labelling.project(tx, project_id))
    count_answers(door.store.database, project)
    pieces = export_live(door.store.database, door.store.blobs, project, format, split=split)
    headers = {
        "Content-Disposition": f'attachment; filename="project-{project_id}{member.suffix}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(pieces, media_type=member.mime, headers=headers)


def _enter(door: Door, project_id: int) -> tuple[Project, str]:
    """The project, for somebody who may change it: asked before a single byte of the body is read."""
    return door.read(Right.MANAGE, project_id, lambda tx, actor: (labelling.project(tx, project_id), actor.label))


async def _receive(door: Door, request: Request) -> Upload:
    return await receive(
        request.stream(),
        request.headers.get("content-type", "application/json"),
        max_row=door.store.config.max_row_mb * MEGABYTE,
    )


def _with_fields(said: Said, upload: Upload) -> dict[str, Any]:
    """What was said in the address, and where it is silent in the form."""
    known = {name: text for name, text in upload.fields.items() if name in Said.model_fields}
    return {**known, **said.model_dump(exclude_none=True)}


def _import(door: Door, project: Project, upload: Upload, said: dict[str, Any], actor: str) -> Imported:
    checked = service.check_upload(door.store, project, upload, **said)
    try:
        done = door.write(Right.MANAGE, project.id, lambda tx, _: service.write(tx, project, checked, actor))
    finally:
        checked.close()
    return Imported(**done)


def _preview(door: Door, project: Project, upload: Upload, said: dict[str, Any]) -> Preview:
    if not upload.parts:
        raise Invalid("There is no file in the request; send one.", code="formats.empty")
    options = service.options_for(door.store.config, project, name=upload.parts[0].told_by, **said)
    with upload.open(upload.parts[0]) as source:
        return preview(source, options)
