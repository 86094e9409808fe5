"""The built page: one document for every address, files that are kept for ever, a word when it is missing."""

import base64
import gzip
import hashlib
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from meguri.api.page import Page

SCRIPT = "document.documentElement.dataset.theme = 'dark'"
INDEX = f"<!doctype html><script>{SCRIPT}</script><script type=module src=/assets/app-1a2b.js></script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "page"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX)
    (built / "favicon.svg").write_text("<svg/>")
    (built / "assets" / "app-1a2b.js").write_text("let ring = 1;\n" * 500)
    (tmp_path / "secret.txt").write_text("not yours")
    return built


@pytest.fixture
def browser(folder: Path) -> TestClient:
    return TestClient(Page(folder), raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/", "/projects/7", "/projects/7/items/8", "/join/s3cret"])
def test_every_address_of_the_page_is_the_same_document_asked_anew_each_time(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.text == INDEX
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_files_with_a_hash_in_their_name_are_kept_for_ever(browser: TestClient) -> None:
    answer = browser.get("/assets/app-1a2b.js")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text.startswith("let ring")
    plain = browser.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_a_file_that_is_gone_is_not_the_document(browser: TestClient) -> None:
    assert browser.get("/assets/app-gone.js").status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt"]
)
def test_nothing_outside_the_folder_is_served(browser: TestClient, path: str) -> None:
    assert "not yours" not in browser.get(path).text


def test_the_page_runs_only_the_scripts_it_was_built_with(browser: TestClient) -> None:
    policy = browser.get("/").headers["content-security-policy"]
    known = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == f"script-src 'self' 'sha256-{known}'"
    assert "frame-ancestors 'none'" in policy


def test_a_page_built_anew_is_served_without_a_restart(browser: TestClient, folder: Path) -> None:
    browser.get("/")
    (folder / "index.html").write_text("<!doctype html>new")
    assert browser.get("/").text.endswith("new")


def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    answer = TestClient(Page(tmp_path / "nowhere")).get("/projects")
    assert answer.status_code == 503
    assert "make page" in answer.text
