"""What every request passes: a number for the log, limits, headers that keep browsers safe, compression.

Plain ASGI and one layer, because each layer costs every request.
"""

import gzip
import secrets
import time
from collections.abc import Iterable
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meguri.api import problems
from meguri.kit.config import Config
from meguri.kit.errors import TooLarge

MEGABYTE = 1 << 20
JSON_LIMIT = 4 * MEGABYTE  # of a body that is no upload
UPLOADS = ("/items", "/items/preview")  # streamed to disk: the limit of an upload
CONTENTS = ("/predict", "/decisions")  # items by value: room for two of the largest
SLOW = 1.0  # seconds from which a request is logged
GZIP_FROM = 2_048  # bytes
GZIP_TYPES = (b"application/json", b"application/problem+json")
LOCKED_DOWN = "default-src 'none'; frame-ancestors 'none'"  # for what is not a page

log = structlog.get_logger("meguri.api")


class Porch:
    """The one middleware."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self.app = app
        self.config = config
        self.headers = _headers(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(6)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        outgoing = _Outgoing(send, [*self.headers, (b"x-request-id", request_id.encode())], _takes_gzip(scope))
        started = time.monotonic()
        try:
            await self.app(scope, _limited(scope, receive, self._limit(scope["path"])), outgoing.send)
        except ClientDisconnect:
            outgoing.status = 499
        except Exception as error:
            log.exception("unforeseen", method=scope["method"], path=where(scope))
            if not outgoing.status:
                await problems.response(_unforeseen(request_id))(scope, receive, outgoing.send)
            else:
                raise ConnectionError("The answer broke off") from error
        finally:
            self._log(scope, outgoing.status, time.monotonic() - started)

    def _limit(self, path: str) -> int:
        if path.endswith(UPLOADS):
            return self.config.max_upload_mb * MEGABYTE
        if path.endswith(CONTENTS):
            return max(JSON_LIMIT, 2 * self.config.max_item_mb * MEGABYTE)
        return JSON_LIMIT

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        slow = seconds > SLOW and not scope["path"].endswith("/events")
        write = log.warning if slow or status >= 500 else log.debug
        write("request", method=scope["method"], path=where(scope), status=status, ms=round(seconds * 1000, 1))


def where(scope: Scope) -> str:
    """The route of a request without what was filled in, for that may be a secret."""
    route = scope.get("route")
    return str(getattr(route, "path", None) or scope["path"].partition("/join/")[0])


def _unforeseen(request_id: str) -> problems.Unforeseen:
    return problems.Unforeseen(f"Something went wrong here; the log has it under {request_id}.", request_id=request_id)


def _headers(config: Config) -> list[tuple[bytes, bytes]]:
    named = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
        "content-security-policy": LOCKED_DOWN,
        "cache-control": "no-store",
    }
    if config.public_url.startswith("https:"):
        named["strict-transport-security"] = "max-age=31536000"
    return [(name.encode(), value.encode()) for name, value in named.items()]


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for key, value in headers if key == name), b"")


def _takes_gzip(scope: Scope) -> bool:
    return b"gzip" in _header(scope["headers"], b"accept-encoding")


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """`receive` that refuses a body over the limit, also one that does not say how long it is."""
    said = _header(scope["headers"], b"content-length")
    error = TooLarge(f"The request has more than the {limit // MEGABYTE} MB allowed here.", limit_mb=limit // MEGABYTE)
    too_long = said.isdigit() and int(said) > limit
    taken = 0

    async def receive_limited() -> Message:
        nonlocal taken
        if too_long:
            raise error
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise error
        return message

    return receive_limited


class _Outgoing:
    """The answer on its way out: adds the headers it lacks, compresses JSON that comes in one piece."""

    __slots__ = ("_held", "_more", "_send", "_takes_gzip", "status")

    def __init__(self, send: Send, more: list[tuple[bytes, bytes]], takes_gzip: bool) -> None:
        self._send = send
        self._more = more
        self._takes_gzip = takes_gzip
        self._held: Message | None = None
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = list(message["headers"])
            there = {name for name, _ in headers}
            headers += [header for header in self._more if header[0] not in there]
            message["headers"] = headers
            if self._takes_gzip and _compressible(headers, there):
                self._held = message
                return
        elif self._held is not None:
            held, self._held = self._held, None
            _compress(held, message)
            await self._send(held)
        await self._send(message)


def _compressible(headers: list[tuple[bytes, bytes]], there: set[bytes]) -> bool:
    return b"content-encoding" not in there and _header(headers, b"content-type").partition(b";")[0] in GZIP_TYPES


def _compress(start: Message, body: Any) -> None:
    content: bytes = body.get("body", b"")
    if body.get("more_body") or len(content) < GZIP_FROM:
        return
    body["body"] = packed = gzip.compress(content, compresslevel=3, mtime=0)
    kept = [header for header in start["headers"] if header[0] != b"content-length"]
    start["headers"] = [
        *kept,
        (b"content-encoding", b"gzip"),
        (b"vary", b"Accept-Encoding"),
        (b"content-length", str(len(packed)).encode()),
    ]
