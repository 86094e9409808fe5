"""Fetch an item that a row names by address, without being led into a private network.

A server that fetches what strangers name can be made to knock on doors behind its own firewall. So the name is
resolved once, every address must be a public one, the connection goes to the very address that was checked, and each
redirect starts over. Size and time are limited.
"""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from meguri.formats.base import MEGABYTE
from meguri.kit.addresses import is_public
from meguri.kit.errors import Invalid

SECONDS = 20.0
REDIRECTS = 5
_CHUNK = 1 << 16
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is fetched and how long."""

    max_bytes: int
    seconds: float = SECONDS


def fetch(url: str, limits: Limits) -> bytes:
    """The content at an address. Raises `Invalid` that says why it cannot be had."""
    deadline = time.monotonic() + limits.seconds
    for _ in range(REDIRECTS + 1):
        try:
            content, url = _once(url, limits, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _refused(url, f"it cannot be fetched ({error or type(error).__name__})") from None
        if content is not None:
            return content
    raise _refused(url, f"it redirects more than {REDIRECTS} times")


def _once(url: str, limits: Limits, deadline: float) -> tuple[bytes | None, str]:
    """The content, or None and the address that it moved to."""
    parts = _checked(url)
    connection = _connect(parts, deadline)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"User-Agent": "meguri", "Accept": "*/*", "Connection": "close"})
        with connection.getresponse() as answer:
            if answer.status in _MOVED:
                return None, urljoin(url, answer.getheader("Location") or "")
            if answer.status != http.client.OK:
                raise _refused(url, f"the server answered {answer.status}")
            return _body(url, answer, limits, deadline), url
    finally:
        connection.close()


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused(url, "only http and https addresses are fetched")
    if parts.username is not None:
        raise _refused(url, "an address with a user name is not fetched")
    return parts


def _connect(parts: SplitResult, deadline: float) -> http.client.HTTPConnection:
    """A connection to the address that was checked; its name is used for nothing but the handshake and the header."""
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = public_address(host, port)
    raw = socket.create_connection((address, port), timeout=_left(deadline))
    try:
        sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw
    except BaseException:
        raw.close()
        raise
    connection = http.client.HTTPConnection(host, port)
    if secure:
        connection.default_port = 443  # keeps the port out of the Host header
    connection.sock = sock
    return connection


def public_address(host: str, port: int) -> str:
    """The first address of a host, if all of its addresses are public; else `Invalid`."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(is_public(address) for address in found):
        raise Invalid(
            f"The address of {host!r} is not a public one; only public addresses are fetched. Send the file itself.",
            code="formats.url_private",
            where=[{"field": "url"}],
        )
    return found[0]


def _body(url: str, answer: http.client.HTTPResponse, limits: Limits, deadline: float) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while piece := answer.read1(_CHUNK):
        _left(deadline)
        total += len(piece)
        if total > limits.max_bytes:
            raise _refused(url, f"it is larger than {limits.max_bytes / MEGABYTE:g} MB")
        pieces.append(piece)
    return b"".join(pieces)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _refused(url: str, why: str) -> Invalid:
    return Invalid(
        f"The address {url[:200]!r}: {why}. Send the file itself, or mend the address.",
        code="formats.url_refused",
        where=[{"field": "url"}],
    )
