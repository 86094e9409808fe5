"""The outside contract as Python calls: `from meguri import Client`.

    with Client("http://127.0.0.1:8321", token="mgr_…") as meguri:
        mood = {"name": "mood", "type": "choice", "options": ["good", "bad"]}
        project = meguri.create_project("Moods", "text", [mood])
        meguri.add_items(project["id"], [{"text": "What a day!"}])

Each call is one HTTP request of the contract and returns what the server sent, as typed dictionaries. What the
server refuses is raised as `MeguriProblem`, which says what is wrong and in which field or row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NotRequired, TypedDict, cast

import httpx

Answers = dict[str, Any]


class Question(TypedDict, total=False):
    """One thing that is asked of an item; what else it takes depends on its type."""

    name: str
    type: str
    title: str
    required: bool
    options: Sequence[str | Mapping[str, Any]]


class Project(TypedDict):
    """A project as the server describes it."""

    id: int
    name: str
    modality: str
    questions: list[dict[str, Any]]
    guidelines: str
    settings: dict[str, Any]
    created_at: str


class NewItem(TypedDict, total=False):
    """An item to add: one of `text`, `url` and `data` (base64), and what is known of it."""

    text: str
    url: str
    data: str
    key: str
    meta: dict[str, Any]
    label: Any
    gold: bool


class Added(TypedDict):
    """How many items were new and how many were there before."""

    created: int
    existing: int


class Assignment(TypedDict):
    """A task lent to you until `expires_at`."""

    id: int
    task: int
    item: dict[str, Any]
    questions: list[dict[str, Any]]
    suggestion: dict[str, Any] | None
    expires_at: str


class Answered(TypedDict):
    """An answer that is on disk."""

    id: int
    annotation: int
    done: bool


class Decision(TypedDict):
    """What production may do with an output."""

    id: int
    answer: Answers
    score: float
    decision: Literal["automate", "review", "abstain"]
    model_version: int | None
    review_id: NotRequired[int | None]
    outcome: NotRequired[dict[str, Any] | None]


class MeguriProblem(Exception):
    """What the server refused, and why.

    `status` is the HTTP status, `code` the stable name of the error, `detail` the sentence for people, and `where`
    the fields or rows at fault.
    """

    def __init__(self, problem: Mapping[str, Any], status: int) -> None:
        self.status = status
        self.code = str(problem.get("code", "error"))
        self.detail = str(problem.get("detail") or problem.get("title") or f"HTTP status {status}")
        self.where: list[dict[str, Any]] = list(problem.get("where") or [])
        super().__init__("; ".join([self.detail, *(_place(place) for place in self.where[:5])]))


class Client:
    """A connection to one Meguri server.

    `token` is made in the page under your name, or with `meguri token`. `timeout` is in seconds.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8321",
        *,
        token: str,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=url.rstrip("/") + "/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            transport=transport,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    # ── projects ──────────────────────────────────────────────────────────────────────────────────────

    def create_project(
        self,
        name: str,
        modality: str,
        questions: Sequence[Question | Mapping[str, Any]],
        *,
        guidelines: str = "",
        settings: Mapping[str, Any] | None = None,
    ) -> Project:
        """Create a project; you become its engineer."""
        body: dict[str, Any] = {
            "name": name,
            "modality": modality,
            "questions": list(questions),
            "guidelines": guidelines,
        }
        if settings:
            body["settings"] = dict(settings)
        return cast(Project, self._call("POST", "/projects", json=body))

    def projects(self) -> list[Project]:
        """The projects you belong to."""
        return list(self._pages("/projects"))

    def project(self, project: int) -> Project:
        """One project."""
        return cast(Project, self._call("GET", f"/projects/{project}"))

    def change_project(self, project: int, **changes: Any) -> Project:
        """Change name, guidelines or settings; settings that are not named stay."""
        return cast(Project, self._call("PATCH", f"/projects/{project}", json=changes))

    # ── items ─────────────────────────────────────────────────────────────────────────────────────────

    def add_items(self, project: int, items: Iterable[NewItem | Mapping[str, Any]]) -> Added:
        """Add items, streamed as JSON lines: all are added, or none and a problem that names the rows.

        The same key or the same content again is the same item.
        """
        lines = (json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in items)
        headers = {"Content-Type": "application/x-ndjson"}
        return cast(Added, self._call("POST", f"/projects/{project}/items", content=lines, headers=headers))

    def upload(self, project: int, *paths: str | Path, **options: str) -> Added:
        """Add files: images, texts, CSV, JSON lines, or a ZIP of class folders.

        `options` say which columns to read: `text_column`, `label_column`, `key_column`, `question`, `encoding`.
        """
        with ExitStack() as opened:
            files = [("files", (Path(path).name, opened.enter_context(Path(path).open("rb")))) for path in paths]
            return cast(Added, self._call("POST", f"/projects/{project}/items", files=files, params=options))

    def items(self, project: int, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every item that the filters leave (`split`, `state`, `label`, `q`, …), page by page."""
        return self._pages(f"/projects/{project}/items", **filters)

    def item(self, project: int, item: int) -> dict[str, Any]:
        """One item with its whole life."""
        return cast(dict[str, Any], self._call("GET", f"/projects/{project}/items/{item}"))

    # ── work ──────────────────────────────────────────────────────────────────────────────────────────

    def next(self, project: int, reasons: Sequence[str] | None = None) -> Assignment | None:
        """Borrow the next task, or None when there is none now."""
        body = {"reasons": list(reasons)} if reasons else None
        return cast(Assignment | None, self._call("POST", f"/projects/{project}/assignments", json=body))

    def answer(self, assignment: int, answers: Answers, seconds: float | None = None) -> Answered:
        """Answer a task. On return it is on disk; the same answer again is the same answer."""
        body = {"answers": answers, "seconds": seconds}
        return cast(Answered, self._call("POST", f"/assignments/{assignment}/answer", json=body))

    def skip(self, assignment: int, why: str = "") -> None:
        """Give a task back."""
        self._call("POST", f"/assignments/{assignment}/skip", json={"why": why})

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────

    def start(self, project: int) -> dict[str, Any]:
        """Let the loop run."""
        return self._loop(project, "start")

    def pause(self, project: int) -> dict[str, Any]:
        """Let the loop rest after its current step."""
        return self._loop(project, "pause")

    def step(self, project: int) -> dict[str, Any]:
        """Let the loop do one step."""
        return self._loop(project, "step")

    def report(self, project: int) -> dict[str, Any]:
        """The ring in numbers."""
        return cast(dict[str, Any], self._call("GET", f"/projects/{project}/report"))

    def models(self, project: int) -> list[dict[str, Any]]:
        """The model versions with their reports and the gate's verdicts, newest first."""
        return list(self._pages(f"/projects/{project}/models"))

    def promote(self, project: int, model: int, why: str) -> dict[str, Any]:
        """Make a model version the champion."""
        return cast(
            dict[str, Any], self._call("POST", f"/projects/{project}/models/{model}/promote", json={"why": why})
        )

    def rollback(self, project: int, why: str) -> dict[str, Any]:
        """Make the champion before this one the champion again."""
        return cast(dict[str, Any], self._call("POST", f"/projects/{project}/rollback", json={"why": why}))

    # ── production ────────────────────────────────────────────────────────────────────────────────────

    def predict(self, project: int, items: Sequence[NewItem | Mapping[str, Any]]) -> list[Decision]:
        """The champion's answer for each item, and whether it may go out or a person must look."""
        found = self._call("POST", f"/projects/{project}/predict", json={"items": list(items)})
        return cast(list[Decision], _rows(found))

    def decide(self, project: int, items: Sequence[Mapping[str, Any]]) -> list[Decision]:
        """The same for the outputs of a model of your own: `{key, answer, score | probabilities, …}` each."""
        found = self._call("POST", f"/projects/{project}/decisions", json={"items": list(items)})
        return cast(list[Decision], _rows(found))

    def decision(self, decision: int) -> Decision:
        """One decision, with its outcome once a person has looked."""
        return cast(Decision, self._call("GET", f"/decisions/{decision}"))

    def outcome(self, decision: int, answers: Answers, source: str = "report") -> dict[str, Any]:
        """Tell the truth that was learnt later: `report`, `appeal` or `return`."""
        body = {"answers": answers, "source": source}
        return cast(dict[str, Any], self._call("POST", f"/decisions/{decision}/outcome", json=body))

    def export(self, project: int, format: str = "jsonl") -> Iterator[bytes]:
        """The labels as a stream of bytes: `jsonl`, `csv` or `folder` (a ZIP)."""
        with self._http.stream("GET", f"/projects/{project}/export", params={"format": format}) as response:
            if response.is_error:
                response.read()
            _raise(response)
            yield from response.iter_bytes()

    # ── how it talks ──────────────────────────────────────────────────────────────────────────────────

    def _loop(self, project: int, action: str) -> dict[str, Any]:
        return cast(dict[str, Any], self._call("POST", f"/projects/{project}/loop", json={"action": action}))

    def _call(self, method: str, path: str, **request: Any) -> Any:
        response = self._http.request(method, path, **request)
        _raise(response)
        return None if response.status_code == httpx.codes.NO_CONTENT or not response.content else response.json()

    def _pages(self, path: str, **params: Any) -> Iterator[Any]:
        after: int | None = None
        while True:
            page = self._call("GET", path, params={**params, **({"after": after} if after is not None else {})})
            yield from page["rows"]
            after = page.get("after")
            if after is None:
                return


def _rows(found: Any) -> list[Any]:
    return list(found["rows"]) if isinstance(found, dict) else list(found)


def _place(place: Mapping[str, Any]) -> str:
    named = " ".join(f"{name} {place[name]}" for name in ("row", "field", "question") if name in place)
    return f"{named}: {place.get('problem', '')}".strip(": ")


def _raise(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        problem = response.json()
    except ValueError:
        problem = {"detail": response.text[:500]}
    raise MeguriProblem(problem if isinstance(problem, dict) else {}, response.status_code)
