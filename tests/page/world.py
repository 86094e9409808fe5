"""A site with an owner and work to do, made over HTTP as a program would make it."""

import base64
import io
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Page
from tests.page.conftest import OWNER, Site


def owner_of(site: Site) -> httpx.Client:
    """The owner's session; the account is made on the first call."""
    client = site.api()
    needed = client.get("/setup").json()["needed"]
    credentials = {"email": OWNER["email"], "password": OWNER["password"]}
    answer = client.post("/setup", json=OWNER) if needed else client.post("/login", json=credentials)
    assert answer.status_code < 300, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return client


def make_project(owner: httpx.Client, modality: str, questions: list[dict[str, Any]], items: list[Any]) -> int:
    """A project that asks about all its items."""
    wish = {"name": "Desk", "modality": modality, "questions": questions, "guidelines": "When in doubt, skip."}
    project: int = _done(owner.post("/projects", json=wish))["id"]
    _done(owner.post(f"/projects/{project}/items", json=items))
    _done(owner.post(f"/projects/{project}/tasks", json={"all": True}))
    return project


def texts(count: int) -> list[dict[str, str]]:
    return [{"text": f"Text number {n}.", "key": f"t{n}"} for n in range(count)]


def pictures(count: int) -> list[dict[str, str]]:
    return [{"data": _png(n), "key": f"p{n}"} for n in range(count)]


def mine(owner: httpx.Client, project: int) -> list[dict[str, Any]]:
    """The owner's answers as the server has them, newest first."""
    rows: list[dict[str, Any]] = _done(owner.get(f"/projects/{project}/mine", params={"limit": 200}))["rows"]
    return rows


def sign_in(page: Page) -> None:
    """Give the window the owner's session."""
    credentials = {"email": OWNER["email"], "password": OWNER["password"]}
    assert page.context.request.post("/api/v1/login", data=credentials).ok


def _png(n: int) -> str:
    image = Image.new("RGB", (320, 240), (n * 37 % 256, n * 91 % 256, n * 53 % 256))
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _done(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()
