"""How content that strangers made is handed to a browser: cached, in ranges, and unable to do harm."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

from meguri.data.model import Item
from meguri.storage.blobs import Blobs

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_SMALL = 1 << 20

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The content of an item never changes, but who may see it does: only the asker's own browser keeps it.
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Authorization, Cookie",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` to `end` (exclusive)."""

    start: int
    end: int


def span_of(header: str | None, size: int) -> Span | None:
    """The span that a Range header asks for; None for the whole (also where the header is not understood).

    Raises ValueError where it lies outside.
    """
    found = _RANGE.match(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    if start >= size or start >= end:
        raise ValueError
    return Span(start, end)


def respond(blobs: Blobs, item: Item, request_headers: Mapping[str, str]) -> Response:
    """The item's content, the asked part of it, or 304 where the browser has it already."""
    headers = {**SAFE, "ETag": f'"{item.hash}"', "Accept-Ranges": "bytes", "Content-Disposition": _disposition(item)}
    if item.hash in request_headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        span = span_of(request_headers.get("range"), item.bytes)
    except ValueError:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{item.bytes}"})
    if span is None:
        return _body(blobs, item, Span(0, item.bytes), 200, headers)
    headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{item.bytes}"
    return _body(blobs, item, span, 206, headers)


def _body(blobs: Blobs, item: Item, span: Span, status: int, headers: dict[str, str]) -> Response:
    if item.blob is None:
        part = (item.text or "").encode()[span.start : span.end]
        return Response(part, status, headers, "text/plain; charset=utf-8")
    if span.end - span.start <= _SMALL:
        small = b"".join(blobs.stream(item.blob, span.start, span.end))
        return Response(small, status, headers, item.mime)
    headers["Content-Length"] = str(span.end - span.start)
    return StreamingResponse(blobs.stream(item.blob, span.start, span.end), status, headers, item.mime)


def _disposition(item: Item) -> str:
    """Only pictures open in the browser; anything else is a file to be kept."""
    kind = "inline" if (item.mime or "").startswith("image/") else "attachment"
    extension = (item.mime or "").split("/")[-1].replace("plain", "txt")
    return f'{kind}; filename="{quote(f"item-{item.id}.{extension}")}"'
