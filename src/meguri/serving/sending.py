"""Send one signed request to a client's address, and to no address it must not reach."""

import socket
from typing import Any
from urllib.parse import urlsplit

import httpx

from meguri.kit.addresses import is_public
from meguri.kit.errors import Invalid
from meguri.serving.model import SEND_SECONDS, Reply

PORTS = {"http": 80, "https": 443}


def check_url(url: str) -> None:
    """Raise `Invalid` unless this is an http(s) address with a host and without a password in it."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in PORTS and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        good = False
    if not good or len(url) > 2_000:
        raise Invalid(
            "A webhook needs an address such as https://example.org/hook.",
            code="serving.bad_url",
            where=[{"field": "url", "problem": "not an http or https address"}],
        )


def resolved(url: str, *, private: bool) -> str:
    """The IP address to send to. Raises `Invalid` when any address of the host is private and that is not allowed."""
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS[parts.scheme]
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Invalid(f"{parts.hostname} has no address: {error}.", code="serving.no_address") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not private and not all(is_public(address) for address in addresses):
        raise Invalid(
            f"{parts.hostname} is an address of this machine or of its own network. "
            "Set MEGURI_PRIVATE_WEBHOOKS=1 to allow that.",
            code="serving.private_address",
            where=[{"field": "url", "problem": "private address"}],
        )
    return addresses[0]


def send(url: str, body: bytes, headers: dict[str, str], *, private: bool) -> Reply:
    """POST once, within ten seconds; follows no redirect and reads no answer beyond its status.

    The request goes to the very address that was checked, so a name that changes its mind in between
    (DNS rebinding) leads nowhere.
    """
    try:
        address = resolved(url, private=private)
        parts = urlsplit(url)
        pinned = httpx.URL(url).copy_with(host=address)
        told = {**headers, "Host": _host_header(parts), "Content-Type": "application/json"}
        extensions: dict[str, Any] = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
        with (
            httpx.Client(timeout=SEND_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", pinned, content=body, headers=told, extensions=extensions) as answer,
        ):
            status = answer.status_code
    except Invalid as error:
        return Reply(None, error.detail)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(None, f"{type(error).__name__}: {error}"[:500])
    return Reply(status, None if 200 <= status < 300 else f"The receiver answered {status}.")


def _host_header(parts: Any) -> str:
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host if parts.port is None else f"{host}:{parts.port}"
