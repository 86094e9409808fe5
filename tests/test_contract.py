"""The outside contract: a client written from the plan's table of calls and the served OpenAPI document alone.

It knows nothing of the code behind the address. Every exchange is held against the document: the status, the body
that came back, and that a body which was accepted is one the document allows.
"""

import base64
import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from bench.crash import free_port, wait_for
from PIL import Image

API = "/api/v1"
PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
PATIENCE = 120  # seconds: the machine may be busy
MOODS = {"good": ["sunny", "happy", "great", "lovely", "bright"], "bad": ["gloomy", "sad", "awful", "broken", "dark"]}
QUESTIONS = [{"name": "mood", "type": "choice", "options": ["good", "bad"]}]

CALLS: list[tuple[str, str, Any]] = [  # the table of the contract
    ("POST", "/projects", {"name": "x", "modality": "text", "questions": QUESTIONS}),
    ("POST", "/projects/{project_id}/items", [{"text": "x"}]),
    ("POST", "/projects/{project_id}/assignments", None),
    ("POST", "/assignments/{assignment_id}/answer", {"answers": {"mood": "good"}, "seconds": 1}),
    ("POST", "/assignments/{assignment_id}/skip", {"why": "x"}),
    ("POST", "/projects/{project_id}/predict", {"items": [{"text": "x"}]}),
    ("POST", "/projects/{project_id}/decisions", {"items": [{"key": "x", "answer": "good", "score": 0.9}]}),
    ("POST", "/decisions/{decision_id}/outcome", {"answers": {"mood": "good"}}),
    ("GET", "/projects/{project_id}/export", None),
    ("GET", "/projects/{project_id}/report", None),
]


class Contract:
    """The OpenAPI document, and whether an exchange keeps to it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        paths = sorted(document["paths"].items(), key=lambda pair: pair[0].count("{"))
        self._paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), calls) for path, calls in paths]

    def hold(self, reply: httpx.Response) -> None:
        """Compare a reply, and the request that it answers, with the document."""
        reply.read()
        if reply.is_error:
            self._is_problem(reply)
        call = self._call(reply.request.method, reply.request.url.path)
        if call is None:
            assert reply.status_code in (404, 405), reply.request.url
            return
        told = call["responses"].get(str(reply.status_code)) or (
            call["responses"].get("4XX") if reply.is_error else None
        )
        assert told is not None, f"{reply.request.method} {reply.request.url.path} → {reply.status_code} is not told"
        if reply.is_success:
            self._replied(told.get("content", {}), reply)
            self._asked(call.get("requestBody"), reply.request)

    def fits(self, schema: dict[str, Any], value: Any) -> None:
        jsonschema_rs.Draft202012Validator({**schema, "components": self.document["components"]}).validate(value)

    def _call(self, method: str, path: str) -> dict[str, Any] | None:
        fitting = (calls for pattern, calls in self._paths if pattern.fullmatch(path) and method.lower() in calls)
        return next((calls[method.lower()] for calls in fitting), None)

    def _is_problem(self, reply: httpx.Response) -> None:
        """RFC 9457, and how to mend it."""
        assert reply.status_code < 500, reply.text
        assert reply.headers["content-type"] == PROBLEM
        problem = reply.json()
        self.fits({"$ref": "#/components/schemas/Problem"}, problem)
        assert problem["status"] == reply.status_code
        assert problem["title"]
        assert problem["detail"]

    def _replied(self, content: dict[str, Any], reply: httpx.Response) -> None:
        if reply.status_code == 204:
            assert not content
            assert not reply.content
        elif "application/json" in content:
            assert reply.headers["content-type"] == "application/json"
            self.fits(content["application/json"]["schema"], reply.json())

    def _asked(self, body: dict[str, Any] | None, request: httpx.Request) -> None:
        kind = request.headers.get("content-type", "")
        if not kind:
            assert not (body or {}).get("required"), f"{request.url} needs a body by the document, and took none"
        elif kind == "application/json":
            assert body is not None
            self.fits(body["content"][kind]["schema"], json.loads(request.content))


@dataclass
class Site:
    """A running installation as others see it: an address, and the document that it serves."""

    url: str
    process: int
    contract: Contract

    def visitor(self, **headers: str) -> httpx.Client:
        """Somebody with nothing but an address."""
        hooks: dict[str, list[Callable[..., Any]]] = {"response": [self.contract.hold]}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE, event_hooks=hooks)

    def program(self, token: str) -> httpx.Client:
        """A program with a bearer token."""
        return self.visitor(Authorization=f"Bearer {token}")

    def newcomer(self, path: str, name: str) -> httpx.Client:
        """A browser whose owner has just made an account there: signed in by a cookie."""
        browser = self.visitor()
        body = {"name": name, "email": f"{name}@example.org", "password": "a long walk round the ring"}
        browser.headers["X-CSRF-Token"] = done(browser.post(path, json=body), 201)["csrf"]
        return browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`meguri up` on a free port of the loopback, and nothing else."""
    folder = tmp_path_factory.mktemp("contract")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEGURI_")}
    environment["MEGURI_DATA"] = str(folder / "data")
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "meguri", "up", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}{API}"
    try:
        wait_for(url, PATIENCE)
        document = httpx.get(f"{url}/openapi.json", timeout=PATIENCE)
        assert document.headers["content-type"] == "application/json"
        yield Site(url, process.pid, Contract(document.json()))
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its own group, made by start_new_session
        process.wait()


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[httpx.Client]:
    """The owner in a browser."""
    with closing(site.newcomer("/setup", "owner")) as browser:
        yield browser


@pytest.fixture(scope="module")
def http(site: Site, browser: httpx.Client) -> Iterator[httpx.Client]:
    """A program of the owner's."""
    token = done(browser.post("/me/tokens", json={"name": "contract"}), 201)["token"]
    with site.program(token) as http:
        yield http


@pytest.fixture(scope="module")
def people(site: Site, http: httpx.Client) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Programs of two people who may label in `project(…, people)`."""
    first = make_project(http)
    found = []
    for name in ("ada", "ben"):
        invited = done(http.post(f"{first}/invitations", json={"role": "operator"}), 201)
        with closing(site.newcomer(f"/join/{invited['secret']}", name)) as browser:
            found.append(site.program(done(browser.post("/me/tokens", json={"name": "work"}), 201)["token"]))
    with found[0] as ada, found[1] as ben:
        yield ada, ben


def done(reply: httpx.Response, status: int = 200) -> Any:
    """What a call gave that had to succeed."""
    assert reply.status_code == status, f"{reply.request.method} {reply.request.url}: {reply.status_code} {reply.text}"
    return reply.json() if reply.content else None


def done_or_none(reply: httpx.Response) -> Any:
    """What a call gave, if there was anything to give."""
    return None if reply.status_code == 204 else done(reply, 201)


def refused(reply: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The problem that a call gave that had to be refused."""
    assert reply.status_code in statuses, f"{reply.request.method} {reply.request.url}: {reply.status_code}"
    problem: dict[str, Any] = reply.json()
    return problem


def make_project(http: httpx.Client, modality: str = "text", **settings: Any) -> str:
    """A fresh project; its address."""
    body = {"name": "Contract", "modality": modality, "questions": QUESTIONS, "settings": settings}
    return f"/projects/{done(http.post('/projects', json=body), 201)['id']}"


def add(http: httpx.Client, project: str, **sent: Any) -> tuple[int, int]:
    """Add items; how many are new, and how many were there."""
    counts = done(http.post(f"{project}/items", **sent), 201)
    return counts["created"], counts["existing"]


def rows_of(http: httpx.Client, path: str, limit: int = 500, **asked: Any) -> list[dict[str, Any]]:
    """A whole list, page after page."""
    rows: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = done(http.get(path, params={"limit": limit, "after": after, **asked}))
        assert len(page["rows"]) <= limit
        rows += page["rows"]
        after = page["after"]
    return rows


def until(found: Callable[[], Any], what: str, pause: float = 0.3) -> Any:
    """Ask again until the answer is yes."""
    deadline = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < deadline, f"Waited in vain: {what}"
        time.sleep(pause)
    return value


def ask_about_all(http: httpx.Client, project: str) -> None:
    done(http.post(f"{project}/tasks", json={"all": True}), 201)


def lend(person: httpx.Client, project: str, **asked: Any) -> dict[str, Any]:
    lent: dict[str, Any] = done(person.post(f"{project}/assignments", **asked), 201)
    return lent


def answer(person: httpx.Client, assignment: dict[str, Any], mood: str, seconds: float = 1.5) -> httpx.Response:
    body = {"answers": {"mood": mood}, "seconds": seconds}
    return person.post(f"/assignments/{assignment['id']}/answer", json=body)


def file(name: str, content: Any, kind: str = "application/octet-stream") -> tuple[str, tuple[str, Any, str]]:
    return "files", (name, content, kind)


def picture(seed: int) -> bytes:
    target = io.BytesIO()
    Image.frombytes("RGB", (24, 24), random.Random(seed).randbytes(24 * 24 * 3)).save(target, "PNG")
    return target.getvalue()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


# The document and the door


def test_the_served_document_is_valid_openapi_3_1_and_tells_every_call_of_the_contract(site: Site) -> None:
    document = site.contract.document
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()
    told = {(method, path) for path, calls in document["paths"].items() for method in calls}
    assert {(method.lower(), API + path) for method, path, _ in CALLS} <= told
    references = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= document["components"]["schemas"].keys()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_no_call_of_the_contract_answers_a_stranger_or_a_wrong_token(site: Site) -> None:
    for stranger in (site.visitor(), site.program("mgr_of_somebody_else")):
        with stranger:
            for method, path, body in CALLS:
                reply = stranger.request(method, re.sub(r"\{[^}]+\}", "1", path), json=body)
                refused(reply, 401)
                assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_session_cookie_opens_the_same_calls_and_changes_nothing_without_its_token(browser: httpx.Client) -> None:
    project = make_project(browser)
    assert add(browser, project, json=[{"text": "one"}]) == (1, 0)
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    url = f"{browser.base_url}".rstrip("/") + f"{project}/items"
    forged = httpx.post(url, headers=cookie, json=[{"text": "two"}], timeout=PATIENCE)
    refused(forged, 403)
    assert [row["text"] for row in rows_of(browser, f"{project}/items")] == ["one"]


def test_what_is_not_there_or_not_understood_is_a_problem_that_says_where(http: httpx.Client) -> None:
    refused(http.get("/nowhere"), 404)
    refused(http.put("/projects", json={}), 405)
    refused(http.post("/projects/999999/items", json=[{"text": "x"}]), 404)
    refused(http.post("/assignments/999999/answer", json={"answers": {"mood": "good"}}), 404)
    refused(http.post("/decisions/999999/outcome", json={"answers": {"mood": "good"}}), 404)
    refused(http.post("/projects", content=b"{", headers={"Content-Type": "application/json"}), 400, 422)
    body = {"name": "x", "modality": "text", "questions": QUESTIONS}
    missing = refused(http.post("/projects", json={"name": "x", "modality": "text"}), 422)
    assert [place["field"] for place in missing["where"]] == ["questions"]
    short = refused(http.post("/projects", json={**body, "settings": {"lease_seconds": 1}}), 422)
    assert "lease_seconds" in short["where"][0]["field"]
    assert "image" in refused(http.post("/projects", json={**body, "modality": "smell"}), 422)["detail"]


# Projects and items


def test_a_project_is_made_with_its_questions_and_its_settings(http: httpx.Client) -> None:
    body = {
        "name": "Wetter",
        "modality": "text",
        "questions": [*QUESTIONS, {"name": "topics", "type": "choices", "options": ["sea", "sky"], "required": False}],
        "settings": {"lease_seconds": 30},
    }
    made = done(http.post("/projects", json=body), 201)
    assert (made["name"], made["modality"]) == ("Wetter", "text")
    assert [(one["name"], one["type"]) for one in made["questions"]] == [("mood", "choice"), ("topics", "choices")]
    assert made["settings"]["lease_seconds"] == 30
    assert done(http.get(f"/projects/{made['id']}")) == made


def test_items_come_as_an_array_as_lines_or_as_files_and_the_same_again_is_the_same(http: httpx.Client) -> None:
    project = make_project(http)
    array: dict[str, Any] = {"json": [{"text": "one", "key": "a"}, {"data": base64_of(b"two"), "key": 2}]}
    lines: dict[str, Any] = {"content": b'{"text": "three"}\n\n{"text": "four"}', "headers": {"Content-Type": NDJSON}}
    files: dict[str, Any] = {
        "files": [
            file("five.txt", b"five"),
            file("more.csv", "text,key\nsix,f\n".encode("utf-8-sig")),
            file("more.jsonl", b'{"text": "seven"}\n'),
        ]
    }
    for sent, new in ((array, 2), (lines, 2), (files, 3)):
        assert add(http, project, **sent) == (new, 0)
        assert add(http, project, **sent) == (0, new)
    rows = rows_of(http, f"{project}/items")
    assert [row["text"] for row in rows] == ["one", "two", "three", "four", "five", "six", "seven"]
    assert [row["key"] for row in rows] == ["a", "2", None, None, None, "f", None]


def test_an_item_is_known_by_its_content_and_by_its_key(http: httpx.Client) -> None:
    project = make_project(http)
    assert add(http, project, json=[{"text": "same"}, {"text": "same"}, {"text": "named", "key": "n"}]) == (2, 1)
    assert add(http, project, json=[{"data": base64_of(b"same")}, {"text": "named", "key": "n"}]) == (0, 2)
    assert add(http, make_project(http), json=[{"text": "same"}, {"text": "other", "key": "n"}]) == (2, 0)


def test_meta_labels_and_gold_come_along(http: httpx.Client) -> None:
    project = make_project(http)
    sent = [
        {"text": "one", "meta": {"shop": "app", "n": [1, None]}, "label": "good"},
        {"text": "two", "label": {"mood": "bad"}, "gold": True},
        {"text": "three"},
    ]
    assert add(http, project, json=sent) == (3, 0)

    def labelled() -> list[dict[str, Any]]:
        rows = rows_of(http, f"{project}/items")
        return rows if all(row["consensus"] for row in rows[:2]) else []

    rows = until(labelled, "labels that came along are read")
    assert rows[0]["meta"] == {"shop": "app", "n": [1, None]}
    assert [row["gold"] for row in rows] == [False, True, False]
    assert [row["consensus"].get("mood", {}).get("value") for row in rows] == ["good", "bad", None]


def test_pictures_come_as_files_as_data_and_as_a_zip_of_class_folders(http: httpx.Client) -> None:
    project = make_project(http, "image")
    red, blue, pink = picture(1), picture(2), picture(3)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as target:
        target.writestr("good/red.png", red)
        target.writestr("bad/blue.png", blue)
    assert add(http, project, files=[file("all.zip", zipped.getvalue())]) == (2, 0)
    assert add(http, project, files=[file("good/red.png", red), file("bad/blue.png", blue)]) == (0, 2)
    assert add(http, project, json=[{"data": base64_of(pink), "key": "pink"}, {"data": base64_of(red)}]) == (1, 1)
    ask_about_all(http, project)
    item = lend(http, project)["item"]
    assert item["text"] is None
    address = httpx.URL(http.base_url).copy_with(raw_path=item["url"].encode())
    assert http.get(address).content in (red, blue, pink)


def test_lists_go_on_after_the_last_row_also_while_rows_are_added(http: httpx.Client) -> None:
    project = make_project(http)
    add(http, project, json=[{"text": f"text {n}"} for n in range(7)])
    first = done(http.get(f"{project}/items", params={"limit": 3}))
    assert [row["text"] for row in first["rows"]] == ["text 0", "text 1", "text 2"]
    add(http, project, json=[{"text": f"text {n}"} for n in range(7, 9)])
    rest = rows_of(http, f"{project}/items", limit=3)
    assert [row["text"] for row in rest] == [f"text {n}" for n in range(9)]
    second = done(http.get(f"{project}/items", params={"limit": 3, "after": first["after"]}))
    assert [row["text"] for row in second["rows"]] == ["text 3", "text 4", "text 5"]
    for wrong in ({"limit": 0}, {"limit": 100_000}, {"after": -1}, {"after": "x"}):
        problem = refused(http.get(f"{project}/items", params=wrong), 422)
        assert [place["field"] for place in problem["where"]] == list(wrong)


# Lending, answering, skipping


def test_a_task_is_lent_with_its_item_and_its_questions_or_there_is_none(http: httpx.Client) -> None:
    project = make_project(http)
    assert done(http.post(f"{project}/assignments"), 204) is None
    add(http, project, json=[{"text": "one"}, {"text": "two"}, {"text": "three"}])
    lent = [lend(http, project), lend(http, project, json={}), lend(http, project, json={"reasons": ["selection"]})]
    assert {one["item"]["text"] for one in lent} == {"one", "two", "three"}
    assert len({one["id"] for one in lent}) == len({one["task"] for one in lent}) == 3
    for one in lent:
        assert [(question["name"], question["type"]) for question in one["questions"]] == [("mood", "choice")]
        assert one["suggestion"] is None
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", one["expires_at"])
    assert done(http.post(f"{project}/assignments"), 204) is None
    assert done(http.post(f"{project}/assignments", json={"reasons": ["review"]}), 204) is None
    refused(http.post(f"{project}/assignments", json={"reasons": ["boredom"]}), 422)


def test_the_same_answer_again_is_the_same_and_another_one_is_a_conflict(http: httpx.Client) -> None:
    project = make_project(http)
    add(http, project, json=[{"text": "one"}])
    ask_about_all(http, project)
    lent = lend(http, project)
    for wrong in ({"mood": "meh"}, {}, {"mood": "good", "taste": "sweet"}, {"mood": ["good"]}):
        problem = refused(http.post(f"/assignments/{lent['id']}/answer", json={"answers": wrong}), 422)
        assert problem["where"]
    first = done(answer(http, lent, "good"))
    assert done(answer(http, lent, "good")) == first
    refused(answer(http, lent, "bad"), 409)
    (line,) = http.get(f"{project}/export").text.splitlines()
    assert [one["answers"] for one in json.loads(line)["annotations"]] == [{"mood": "good"}]


@pytest.mark.parametrize("certain", [False, True], ids=["whatever is next", "that very task"])
def test_an_answer_counts_until_the_task_is_lent_anew(
    http: httpx.Client, people: tuple[httpx.Client, httpx.Client], certain: bool
) -> None:
    ada, ben, project = *people, joined(http, people, lease_seconds=5)
    add(http, project, json=[{"text": "one"}, {"text": "two"}])
    ask_about_all(http, project)
    lent = [lend(ada, project), lend(ada, project)]
    assert done(ben.post(f"{project}/assignments"), 204) is None
    refused(answer(ben, lent[0], "bad"), 409)  # it is Ada's
    asked = {"json": {"task": lent[0]["task"]}} if certain else {}

    def lent_anew() -> Any:
        return done_or_none(ben.post(f"{project}/assignments", **asked))

    anew = until(lent_anew, "the lease runs out", pause=1)
    lost, kept = sorted(lent, key=lambda one: one["task"] != anew["task"])
    assert (anew["task"], anew["item"]) == (lost["task"], lost["item"])
    refused(answer(ada, lost, "good"), 409)
    done(answer(ada, kept, "good"))  # its lease has run out too, but nobody else has it
    first = done(answer(ben, anew, "bad"))
    assert done(answer(ben, anew, "bad")) == first
    refused(answer(ada, lost, "good"), 409)


def test_what_one_person_skips_another_one_gets(http: httpx.Client, people: tuple[httpx.Client, httpx.Client]) -> None:
    ada, ben, project = *people, joined(http, people)
    add(http, project, json=[{"text": "one"}])
    ask_about_all(http, project)
    lent = lend(ada, project)
    assert done(ben.post(f"{project}/assignments"), 204) is None  # he is at work too: nobody else would get it
    refused(ben.post(f"/assignments/{lent['id']}/skip", json={"why": "not mine"}), 409)
    assert done(ada.post(f"/assignments/{lent['id']}/skip", json={"why": "I cannot read it"}), 204) is None
    refused(answer(ada, lent, "good"), 409)
    assert done(ada.post(f"{project}/assignments"), 204) is None
    again = lend(ben, project)
    assert again["item"]["id"] == lent["item"]["id"]
    done(answer(ben, again, "good"))


def joined(http: httpx.Client, people: tuple[httpx.Client, ...], **settings: Any) -> str:
    """A fresh project that these people are members of."""
    project = make_project(http, **settings)
    for person in people:
        invited = done(http.post(f"{project}/invitations", json={"role": "operator"}), 201)
        done(person.post(f"/join/{invited['secret']}/accept"))
    return project


# The model in production


def sentences(count: int) -> list[dict[str, Any]]:
    rng = random.Random(4)
    moods = [("good", "bad")[n % 2] for n in range(count)]
    return [
        {"key": f"t{n}", "text": f"Day {n} was {' and '.join(rng.sample(MOODS[mood], 2))}"}
        for n, mood in enumerate(moods)
    ]


def mood_of(text: str) -> str:
    return "good" if any(word in text for word in MOODS["good"]) else "bad"


@pytest.fixture(scope="module")
def trained(http: httpx.Client) -> str:
    """A project whose loop asked for labels, got them, and put a model into production."""
    settings = {"batch": 12, "budget": 24, "test_share": 0.4, "min_test_labels": 8, "gates": {"minimum": {"on": False}}}
    project = make_project(http, **settings)
    assert add(http, project, json=sentences(60)) == (60, 0)
    done(http.post(f"{project}/loop", json={"action": "start"}))

    def at_rest() -> bool:
        while (reply := http.post(f"{project}/assignments")).status_code == 201:
            done(answer(http, reply.json(), mood_of(reply.json()["item"]["text"])))
        step = done(http.get(f"{project}/ring"))["step"]
        return bool(step and step["name"] == "stop")

    until(at_rest, "the loop spends its budget")
    return project


def change(http: httpx.Client, project: str, **settings: Any) -> None:
    done(http.patch(project, json={"settings": settings}))


def test_without_a_model_in_production_every_prediction_abstains(http: httpx.Client) -> None:
    (row,) = done(http.post(f"{make_project(http)}/predict", json={"items": [{"text": "x"}]}))["rows"]
    assert (row["decision"], row["model_version"], row["review_id"]) == ("abstain", None, None)


def test_the_model_in_production_answers_each_item_in_order_and_says_what_becomes_of_it(
    http: httpx.Client, trained: str
) -> None:
    champion = done(http.get(f"{trained}/report"))["champion"]["id"]
    items = [
        {"text": "The day was sunny and lovely", "key": "p1"},
        {"data": base64_of(b"The day was awful and gloomy"), "meta": {"shop": "app"}},
        {"text": sentences(60)[0]["text"], "key": "t0"},
    ]
    for threshold, decision in ((0.0, "automate"), (1.0, "review")):
        change(http, trained, threshold=threshold)
        rows = done(http.post(f"{trained}/predict", json={"items": items, "due_in": 600}))["rows"]
        assert [row["key"] for row in rows] == ["p1", None, "t0"]
        assert [row["answer"] for row in rows][:2] == [{"mood": "good"}, {"mood": "bad"}]
        assert len({row["id"] for row in rows}) == 3
        for row in rows:
            assert row["decision"] == decision
            assert 0 <= row["score"] <= 1
            assert row["model_version"] == champion
            assert (row["review_id"] is not None) == (decision == "review")
            assert done(http.get(f"/decisions/{row['id']}"))["answer"] == row["answer"]
    listed = rows_of(http, f"{trained}/decisions", limit=2)
    assert [row["id"] for row in listed] == sorted({row["id"] for row in listed})
    assert {row["id"] for row in rows} <= {row["id"] for row in listed}


def test_a_bad_item_to_predict_is_named_and_nothing_of_the_request_stays(http: httpx.Client, trained: str) -> None:
    before = len(rows_of(http, f"{trained}/items")), len(rows_of(http, f"{trained}/decisions"))
    for bad in ({"data": "!!!"}, {}, {"text": "x", "data": "eA=="}, {"text": ""}):
        problem = refused(http.post(f"{trained}/predict", json={"items": [{"text": "quite new"}, bad]}), 422)
        assert problem["where"][0]["row"] == 2
    refused(http.post(f"{trained}/predict", json={"items": []}), 422)
    assert (len(rows_of(http, f"{trained}/items")), len(rows_of(http, f"{trained}/decisions"))) == before


def test_what_a_person_says_in_a_review_answers_the_client(http: httpx.Client, trained: str) -> None:
    change(http, trained, threshold=1.0)
    (row,) = done(http.post(f"{trained}/predict", json={"items": [{"text": "It was bright, then dark"}]}))["rows"]
    assert row["outcome"] is None
    lent = lend(http, trained, json={"reasons": ["review"], "task": row["review_id"]})
    assert (lent["task"], lent["item"]["text"]) == (row["review_id"], "It was bright, then dark")
    done(answer(http, lent, "bad"))
    outcome = until(lambda: done(http.get(f"/decisions/{row['id']}"))["outcome"], "the review reaches the decision")
    assert outcome["answers"] == {"mood": "bad"}


def test_outputs_of_a_model_of_your_own_are_routed(http: httpx.Client) -> None:
    project = make_project(http, threshold=0.8)
    add(http, project, json=[{"text": "known", "key": "k"}])
    sent = [
        {"key": "sure", "answer": "good", "score": 0.97},
        {"key": "k", "answer": {"mood": "bad"}, "score": 0.4},
        {"key": 7, "text": "brought along", "answer": "good", "probabilities": {"good": 0.55, "bad": 0.45}},
        {"key": "likely", "answer": "bad", "probabilities": {"mood": {"good": 0.05, "bad": 0.95}}},
    ]
    rows = done(http.post(f"{project}/decisions", json={"items": sent}))["rows"]
    assert [row["key"] for row in rows] == ["sure", "k", "7", "likely"]
    assert [row["decision"] for row in rows] == ["automate", "review", "review", "automate"]
    assert [row["score"] for row in rows] == pytest.approx([0.97, 0.4, 0.55, 0.95])
    assert [row["answer"]["mood"] for row in rows] == ["good", "bad", "good", "bad"]
    assert [row["review_id"] is not None for row in rows] == [False, True, True, False]
    assert {row["model_version"] for row in rows} == {None}
    reviews = {row["task"]: row["item"]["text"] for row in rows_of(http, f"{project}/reviews", limit=1)}
    assert reviews == {rows[1]["review_id"]: "known", rows[2]["review_id"]: "brought along"}


def test_a_bad_output_is_named_and_none_of_its_request_is_kept(http: httpx.Client) -> None:
    project = make_project(http, threshold=0.8)
    fine = {"key": "fine", "text": "fine", "answer": "good", "score": 0.1}
    for bad in (
        {"key": "x", "answer": "meh", "score": 0.9},
        {"key": "x", "answer": "good"},
        {"key": "unknown", "answer": "good", "score": 0.1},  # a person would have nothing to look at
    ):
        problem = refused(http.post(f"{project}/decisions", json={"items": [fine, bad]}), 422)
        assert problem["where"][0]["row"] == 2
    refused(http.post(f"{project}/decisions", json={"items": [fine, {**fine, "score": 7}]}), 422)
    assert rows_of(http, f"{project}/items") == rows_of(http, f"{project}/decisions") == []


def test_the_truth_may_be_told_later_or_a_person_asked_to_look(http: httpx.Client) -> None:
    project = make_project(http, threshold=0.5)
    sent = [{"key": f"o{n}", "text": f"text {n}", "answer": "good", "score": 0.9} for n in range(4)]
    told = done(http.post(f"{project}/decisions", json={"items": sent}))["rows"]
    for row, source in zip(told, ("report", "appeal", "return"), strict=False):
        body = {"answers": {"mood": "bad"}, "source": source, "why": "A customer wrote"}
        outcome = done(http.post(f"/decisions/{row['id']}/outcome", json=body))["outcome"]
        assert (outcome["answers"], outcome["source"]) == ({"mood": "bad"}, source)
        assert done(http.get(f"/decisions/{row['id']}"))["outcome"] == outcome
    refused(http.post(f"/decisions/{told[3]['id']}/outcome", json={"answers": {"mood": "meh"}}), 422)
    refused(http.post(f"/decisions/{told[3]['id']}/outcome", json={"source": "gossip"}), 422)
    asked = done(http.post(f"/decisions/{told[3]['id']}/outcome", json={"source": "appeal"}))
    assert asked["outcome"] is None
    lent = lend(http, project, json={"task": asked["review_id"]})
    assert (lent["reason"], lent["item"]["text"]) == ("review", "text 3")


# Out again


def test_the_labels_stream_out_in_every_format(http: httpx.Client, trained: str) -> None:
    rows = rows_of(http, f"{trained}/items")
    known = {row["text"]: row["consensus"]["mood"]["value"] for row in rows if row["consensus"]}
    assert len(known) >= 24
    total = len(rows)

    lines = http.get(f"{trained}/export", params={"format": "jsonl"})
    assert lines.headers["content-type"].startswith(NDJSON)
    records = [json.loads(line) for line in lines.text.splitlines()]
    assert len(records) == total
    assert {one["text"]: one["labels"]["mood"]["value"] for one in records if one["labels"]} == known
    assert http.get(f"{trained}/export").text == lines.text  # what is asked for without a word

    table = http.get(f"{trained}/export", params={"format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    cells = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(cells) == total
    assert {row["text"]: row["mood"] for row in cells if row["mood"]} == known

    folders = http.get(f"{trained}/export", params={"format": "folder"})
    assert folders.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(folders.content)) as zipped:
        assert zipped.testzip() is None
        found = {zipped.read(name).decode(): name.split("/")[0] for name in zipped.namelist() if name.endswith(".txt")}
    assert {text: folder for text, folder in found.items() if folder in MOODS} == known

    test = http.get(f"{trained}/export", params={"split": "test"}).text.splitlines()
    assert {json.loads(line)["split"] for line in test} == {"test"}


def test_what_was_exported_can_be_imported(http: httpx.Client, trained: str) -> None:
    total = len(rows_of(http, f"{trained}/items"))
    lines, table = (http.get(f"{trained}/export", params={"format": name}).content for name in ("jsonl", "csv"))
    copy = make_project(http)
    assert add(http, copy, files=[file("all.jsonl", lines)]) == (total, 0)
    assert add(http, copy, files=[file("all.csv", table)]) == (0, total)


def test_a_format_that_cannot_be_written_is_refused_with_those_that_can(http: httpx.Client, trained: str) -> None:
    for name in ("docx", "file", ""):
        detail = refused(http.get(f"{trained}/export", params={"format": name}), 422)["detail"]
        assert detail.endswith("there are: csv, folder, jsonl."), detail


def test_the_report_gives_the_ring_in_numbers(http: httpx.Client, trained: str) -> None:
    report = done(http.get(f"{trained}/report"))
    assert list(report["ring"]["stations"]) == ["learn", "verify", "watch", "decide", "relearn"]
    assert report["ring"]["step"]["text"]
    assert report["ring"]["stations"]["learn"]["labels"] == 24
    assert [point["labels"] for point in report["curve"]] == [12, 24]
    for point in report["curve"]:
        assert point["low"] <= point["accuracy"] <= point["high"]
    assert report["champion"]["id"] in [point["model_version"] for point in report["curve"]]
    empty = done(http.get(f"{make_project(http)}/report"))
    assert (empty["curve"], empty["champion"]) == ([], None)


# Bad input


@dataclass(frozen=True)
class Bad:
    """An upload with one fault: where it is, how it is mended, and what of it was fine."""

    sent: dict[str, Any]
    row: int
    mend: str
    field: str | None = None
    file: str | None = None
    fine: dict[str, Any] | None = None
    modality: str = "text"


def lines(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": NDJSON}}


def array(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": "application/json"}}


def files(**named: bytes) -> dict[str, Any]:
    return {"files": [file(name.replace("_", "."), content) for name, content in named.items()]}


FINE = {"json": [{"text": "fine", "key": "f"}]}
BAD = {
    "a CSV without the column of the text": Bad(
        files(a_csv=b"a,b\nfine,f\n"), 1, "text_column=", "text", "a.csv", FINE
    ),
    "a CSV without a column that was named": Bad(
        {**files(a_csv=b"text,b\nfine,f\n"), "params": {"label_column": "mood"}},
        1,
        "there are: text, b",
        "mood",
        "a.csv",
        FINE,
    ),
    "a CSV with a short row": Bad(files(a_csv=b"text,key\nfine,f\nshort\n"), 3, "quotation marks", None, "a.csv", FINE),
    "a label that is not in the schema": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"text": "x", "label": "meh"}]},
        2,
        "Allowed: good, bad",
        "label",
        None,
        FINE,
    ),
    "a label in a CSV that is not in the schema": Bad(
        files(a_csv=b"text,key,mood\nfine,f,good\nx,g,meh\n"), 3, "Allowed: good, bad", "label", "a.csv", FINE
    ),
    "a label of a question that is not asked": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"text": "x", "label": {"taste": "good"}}]},
        2,
        "mood",
        "label",
        None,
        FINE,
    ),
    "a key that is taken": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"text": "new", "key": "taken"}]}, 2, "another key", "key", None, FINE
    ),
    "a key that stands twice": Bad(
        lines(b'{"text": "fine", "key": "f"}\n{"text": "other", "key": "f"}\n'), 2, "another key", "key", None, FINE
    ),
    "a key that stands in two files": Bad(
        files(a_csv=b"text,key\nfine,f\n", b_csv=b"text,key\nnew,n\nother,f\n"), 3, "another key", "key", "b.csv", FINE
    ),
    "invalid UTF-8 in lines": Bad(
        lines(b'{"text": "fine", "key": "f"}\n{"text": "caf\xe9"}\n'), 2, "UTF-8", None, None, FINE
    ),
    "invalid UTF-8 in an array": Bad(
        array(b'[{"text": "fine", "key": "f"}, {"text": "a"}, {"text": "caf\xe9"}]'),
        3,
        "send JSON as UTF-8",
        None,
        None,
        FINE,
    ),
    "invalid UTF-8 in a CSV": Bad(files(a_csv=b"text,key\nfine,f\ncaf\xe9,g\n"), 3, "encoding=", None, "a.csv", FINE),
    "invalid UTF-8 in a text file": Bad(
        files(a_txt=b"fine", b_txt=b"\xff\xfe\xff"),
        2,
        "save the text as UTF-8",
        None,
        "b.txt",
        {"files": [file("a.txt", b"fine")]},
    ),
    "a CSV of 0 bytes": Bad(files(a_csv=b"text,key\nfine,f\n", b_csv=b""), 2, "leave it out", None, "b.csv", FINE),
    "lines of 0 bytes": Bad(files(a_csv=b"text,key\nfine,f\n", b_jsonl=b""), 2, "leave it out", None, "b.jsonl", FINE),
    "a text file of 0 bytes": Bad(
        files(a_csv=b"text,key\nfine,f\n", b_txt=b""), 2, "leave it out", None, "b.txt", FINE
    ),
    "a line that is no JSON": Bad(
        lines(b'{"text": "fine", "key": "f"}\n{"text": \n'), 2, "one whole object on each line", None, None, FINE
    ),
    "an array that ends too early": Bad(
        array(b'[{"text": "fine", "key": "f"}, {"text":'), 2, "mend it", None, None, FINE
    ),
    "an item with two contents": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"text": "x", "data": "eA=="}]}, 2, "exactly one of", "text", None, FINE
    ),
    "an item with a field that there is not": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"text": "x", "lable": "good"}]},
        2,
        "there are: text",
        "lable",
        None,
        FINE,
    ),
    "gold without its answer": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"text": "x", "gold": True}]}, 2, "give it a label", "label", None, FINE
    ),
    "an address that is not a public one": Bad(
        {"json": [{"text": "fine", "key": "f"}, {"url": "http://127.0.0.1:9/x.txt"}]},
        2,
        "Send the file",
        "url",
        None,
        FINE,
    ),
    "a broken picture": Bad(
        files(a_png=picture(4), b_png=picture(5)[:900]),
        2,
        "save it again",
        None,
        "b.png",
        files(a_png=picture(4)),
        "image",
    ),
    "a picture of 0 bytes": Bad(
        files(a_png=picture(4), b_png=b""),
        2,
        "leave it out",
        None,
        "b.png",
        files(a_png=picture(4)),
        "image",
    ),
    "a broken picture in an array": Bad(
        {"json": [{"data": base64_of(picture(4))}, {"data": base64_of(picture(5)[:900])}]},
        2,
        "save it again",
        None,
        None,
        files(a_png=picture(4)),
        "image",
    ),
    "data that is no Base64": Bad(
        {"json": [{"data": base64_of(picture(4))}, {"data": "not base64!"}]},
        2,
        "Base64",
        "data",
        None,
        files(a_png=picture(4)),
        "image",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_input_is_named_with_its_mend_and_nothing_half_done_stays(http: httpx.Client, bad: Bad) -> None:
    project = make_project(http, bad.modality)
    there = [{"text": "already there", "key": "taken"}]
    add(http, project, **({"json": there} if bad.modality == "text" else files(z_png=picture(6))))
    before = rows_of(http, f"{project}/items")

    problem = refused(http.post(f"{project}/items", **bad.sent), 409, 422)
    (place,) = problem["where"]
    assert place["row"] == bad.row
    assert place["problem"]
    assert bad.mend in problem["detail"]
    assert place.get("file") == bad.file
    for named in filter(None, (bad.file, f"{bad.row}")):
        assert re.search(rf"\b{re.escape(named)}\b", problem["detail"]), problem["detail"]
    if bad.field:
        assert place["field"] == bad.field

    assert rows_of(http, f"{project}/items") == before
    if bad.fine:  # what was fine about it was not kept either: it is new when it comes alone
        assert add(http, project, **bad.fine) == (1, 0)


class Long(io.RawIOBase):
    """A file of 200 MB that nobody holds: a head, then one letter again and again."""

    def __init__(self, head: bytes, size: int = 200 << 20) -> None:
        self._head, self._size, self._at = head, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        size = self._size - self._at if size < 0 else min(size, self._size - self._at)
        piece = self._head[self._at : self._at + size].ljust(size, b"a")
        self._at += size
        return piece

    def pieces(self) -> Iterator[bytes]:
        while piece := self.read(1 << 20):
            yield piece


def most_memory(process: int) -> int:
    """The most bytes that a process ever held; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) << 10 if found else 0


@pytest.mark.parametrize(
    ("kind", "head", "row"),
    [
        (NDJSON, b'{"text": "fine"}\n{"text": "', 2),
        ("application/json", b'[{"text": "fine"}, {"text": "', 2),
        ("csv", b"text,key\nfine,f\n", 3),
    ],
)
def test_a_line_of_200_mb_is_refused_by_its_row_and_not_held_in_memory(
    http: httpx.Client, site: Site, kind: str, head: bytes, row: int
) -> None:
    project = make_project(http)
    before = most_memory(site.process)
    sent: dict[str, Any] = {"content": Long(head).pieces(), "headers": {"Content-Type": kind}}
    if kind == "csv":
        sent = {"files": [file("long.csv", Long(head), "text/csv")]}
    problem = refused(http.post(f"{project}/items", **sent), 413, 422)
    assert [place["row"] for place in problem["where"]] == [row]
    assert "Shorten it" in problem["detail"]
    assert most_memory(site.process) - before < 150 << 20
    assert rows_of(http, f"{project}/items") == []
