"""HTTP face: the content of items. Lists of items need more than this room knows; see `evaluation.browse_routes`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from meguri.accounts.http import DoorDep
from meguri.accounts.model import Right
from meguri.data import files, service, thumbnails

router = APIRouter(tags=["data"])

_FILE = {200: {"content": {"application/octet-stream": {}}, "description": "The content"}}


@router.get("/projects/{project_id}/items/{item_id}/content", response_class=Response, responses=_FILE)  # type: ignore[arg-type]
def content(project_id: int, item_id: int, door: DoorDep) -> Response:
    """The item's bytes, for anybody who works in the project; understands `Range` and `If-None-Match`."""
    item = door.read(Right.LABEL, project_id, lambda tx, actor: service.get(tx, project_id, item_id))
    return files.respond(door.store.blobs, item, door.request.headers)


@router.get("/projects/{project_id}/items/{item_id}/thumbnail", response_class=Response, responses=_FILE)  # type: ignore[arg-type]
def thumbnail(
    project_id: int, item_id: int, door: DoorDep, size: Annotated[int, Query(ge=16, le=1024)] = 256
) -> Response:
    """A small picture of the item as WebP; 404 where its kind has none."""
    item = door.read(Right.LABEL, project_id, lambda tx, actor: service.get(tx, project_id, item_id))
    headers = {**files.SAFE, "ETag": f'"{item.hash}-{size}"'}
    if headers["ETag"] in door.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(thumbnails.thumbnail(door.store, item, size), 200, headers, thumbnails.MIME)
