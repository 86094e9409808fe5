"""The built page: one `index.html` for every address of the page, and its hashed files."""

import base64
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from meguri.kit.errors import NotFound

FOLDER = Path(__file__).parent / "page"
FOR_EVER = "public, max-age=31536000, immutable"  # the name has the content's hash in it
ASK_ANEW = "no-cache"
TEXTS = ("text/", "application/json", "application/manifest", "image/svg")

MISSING = """Meguri is running, but its page was not built.

Build it with:

    make page

That needs no Node of your own. The API works without it: /api/v1/openapi.json
"""

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes | None
    type: str
    changed: int
    policy: str


class Page:
    """ASGI application for whatever no route of the API answers. Files are read once and kept in memory."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder.resolve()
        self._files: dict[Path, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # there are no websockets here
            await send({"type": "websocket.close"})
            return
        path: str = scope["path"]
        if path == "/api" or path.startswith("/api/") or scope["method"] not in ("GET", "HEAD"):
            raise NotFound(f"There is nothing at {path}.")
        await self._answer(path, _takes_gzip(scope))(scope, receive, send)

    def _answer(self, path: str, packed: bool) -> Response:
        named = self._find(path)
        if named is None and Path(path).suffix:
            return PlainTextResponse("There is no such file.", 404)
        found = self._load(named or self.folder / "index.html")
        if found is None:
            return PlainTextResponse(MISSING, 503, headers={"Cache-Control": "no-store"})
        return _response(found, path.startswith("/assets/") and named is not None, packed)

    def _find(self, path: str) -> Path | None:
        """The file of this name inside the folder, never one outside."""
        if "\0" in path:
            return None
        wanted = (self.folder / path.lstrip("/")).resolve()
        return wanted if wanted.is_relative_to(self.folder) and wanted.is_file() else None

    def _load(self, file: Path) -> _File | None:
        try:
            changed = file.stat().st_mtime_ns
        except OSError:
            return None
        kept = self._files.get(file)
        if kept is None or kept.changed != changed:
            kept = self._files[file] = _read(file, changed)
        return kept


def _read(file: Path, changed: int) -> _File:
    content = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    text = kind.startswith(TEXTS) or "javascript" in kind
    packed = gzip.compress(content, 6, mtime=0) if text and len(content) > 1_000 else None
    return _File(content, packed, kind, changed, policy_for(content) if file.suffix == ".html" else "")


def policy_for(html: bytes) -> str:
    """What the page may load. Styles may stand inline (Mantine sets them so); scripts only those it was built with."""
    hashes = [hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(html)]
    inline = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    return (
        f"default-src 'self'; script-src 'self'{inline}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; worker-src 'self' blob:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _response(found: _File, hashed: bool, packed: bool) -> Response:
    headers = {"Cache-Control": FOR_EVER if hashed else ASK_ANEW}
    if found.policy:
        headers["Content-Security-Policy"] = found.policy
    body = found.content
    if found.packed is not None:
        headers["Vary"] = "Accept-Encoding"
        if packed:
            headers["Content-Encoding"] = "gzip"
            body = found.packed
    return Response(body, media_type=found.type, headers=headers)


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
