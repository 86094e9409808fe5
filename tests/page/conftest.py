"""A real site for each module of tests (server, worker, built page), and a real browser to visit it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright
from tests.conftest import _missing
from tests.page.words import Words

import meguri.api

BUILT = Path(meguri.api.__file__).parent / "page" / "index.html"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60.0  # seconds that a site gets to start; two cores may be busy with other tests
OWNER = {"name": "Aki Mori", "email": "aki@example.org", "password": "seven herons over the bay"}


@dataclass
class Site:
    """A running Meguri."""

    url: str
    data: Path

    def api(self, token: str | None = None) -> httpx.Client:
        """A program's client."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`meguri up` on a free port with empty data."""
    if not BUILT.is_file():
        _missing("the built page (make page)")
    data = tmp_path_factory.mktemp("site")
    port = _free_port()
    command = [sys.executable, "-m", "meguri", "up", "--data", str(data), "--port", str(port)]
    log = (data / "up.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "MEGURI_LOG_LEVEL": "warning"})
    try:
        _wait_until_up(f"http://127.0.0.1:{port}", process, data / "up.log")
        yield Site(f"http://127.0.0.1:{port}", data)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium where it is installed, else the one that Playwright brings."""
    with sync_playwright() as playwright:
        started = _launch(playwright)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a browser window: `visit("en")`, `visit("ja", 390, 844)`."""
    opened: list[BrowserContext] = []

    def open_window(language: str = "en", width: int = 1440, height: int = 900, **options: object) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            locale="ja-JP" if language == "ja" else "en-US",
            has_touch=width < 700,
            is_mobile=width < 700,
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        opened.append(context)
        # What a visitor chose on this device counts more than the language of the account.
        context.add_init_script(f"localStorage.setItem('meguri.language', '{language}')")
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture where MEGURI_SCREENSHOTS names a folder, for people to look at."""
    folder = os.environ.get("MEGURI_SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}-{page.viewport_size['width']}.png"))  # type: ignore[index]

    return take


@pytest.fixture(params=["en", "ja"])
def say(request: pytest.FixtureRequest) -> Words:
    """The page's words, once in each language."""
    return Words(request.param)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/api/v1/health", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the site did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _launch(playwright: Playwright) -> Browser:
    own = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    try:
        return playwright.chromium.launch(executable_path=own, args=FLAGS)
    except Error as error:
        _missing(f"a browser ({str(error).splitlines()[0]})")
        raise
