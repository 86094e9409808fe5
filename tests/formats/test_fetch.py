"""What a row names by address is fetched within limits, and each redirect is looked at anew."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from meguri.formats import fetch as fetching
from meguri.formats.fetch import Limits, fetch
from meguri.kit.errors import Invalid


class Site(BaseHTTPRequestHandler):
    """A small web site with every trick."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode() if self.path == "/host" else b"hello")
        while self.path == "/endless" or self.path == "/slow":
            try:
                self.wfile.write(b"x" * (1 if self.path == "/slow" else 65_536))
            except OSError:
                return
            time.sleep(0.05 if self.path == "/slow" else 0)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address; for these tests alone 127.0.0.1 counts as public."""
    public = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or public(address))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


FAIR = Limits(1_000_000)


def why_not(url: str, limits: Limits = FAIR) -> str:
    with pytest.raises(Invalid) as problem:
        fetch(url, limits)
    assert problem.value.where == [{"field": "url"}]
    return problem.value.detail


def test_content_is_fetched_also_behind_a_redirect(site: str) -> None:
    assert fetch(f"{site}/x", Limits(100)) == b"hello"
    assert fetch(f"{site}/to/{site}/x", Limits(100)) == b"hello"
    assert fetch(f"{site}/to//x", Limits(100)) == b"hello"
    assert fetch(f"{site}/host", Limits(100)).decode() == site.removeprefix("http://")


def test_a_redirect_into_a_private_network_is_not_followed(site: str) -> None:
    for target in ("http://127.0.0.2/", "http://169.254.169.254/", "http://[::1]/", "http://10.1.2.3/"):
        assert "not a public one" in why_not(f"{site}/to/{target}")
    assert "only http and https" in why_not(f"{site}/to/file:///etc/passwd")


def test_size_time_and_patience_are_limited(site: str) -> None:
    assert "larger than 1 MB" in why_not(f"{site}/endless", Limits(1 << 20))
    started = time.monotonic()
    assert "too long" in why_not(f"{site}/slow", Limits(1_000_000, seconds=0.5))
    assert time.monotonic() - started < 3
    assert "404" in why_not(f"{site}/missing")
    assert "redirects more than" in why_not(f"{site}/to/" + f"{site}/to/" * 6 + f"{site}/x")
    assert "cannot be fetched" in why_not(f"{site[: site.rindex(':')]}:1/x")
