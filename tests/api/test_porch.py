"""What every request passes: problems, limits, headers, compression, the log."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from meguri.api import porch
from meguri.api.app import create_app
from meguri.storage.store import Store

API = "/api/v1"


class Echo(BaseModel):
    text: str
    count: int


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A stranger's client of the application with some rooms that go wrong."""

    @app.get("/fails")
    def fails() -> None:
        raise ValueError("hunter2 is the password")

    @app.get("/away")
    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    @app.post("/echo")
    def echo(body: Echo) -> Echo:
        return body

    with TestClient(app, raise_server_exceptions=False) as stranger:
        yield stranger


def test_health_is_open_and_says_which_version_runs(client: TestClient) -> None:
    assert client.get(f"{API}/health").json()["ok"] is True


def test_an_error_that_nobody_thought_of_tells_only_its_number(
    client: TestClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/fails")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" not in answer.text
    number = answer.json()["params"]["request_id"]
    assert answer.headers["x-request-id"] == number
    assert number in capsys.readouterr().out + caplog.text


def test_a_database_that_does_not_answer_is_not_the_readers_fault(client: TestClient) -> None:
    answer = client.get("/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "refused" not in answer.text


def test_a_body_that_does_not_fit_names_its_fields(client: TestClient) -> None:
    answer = client.post("/echo", json={"text": 3})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [place["field"] for place in answer.json()["where"]] == ["text", "count"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused_as_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post("/echo", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_the_database_cannot_hold_is_refused(client: TestClient) -> None:
    number = 10**30
    made = client.post(f"{API}/login", json={"email": "a\x00b@example.org", "password": "whatever it is"})
    assert made.status_code in (401, 422)
    assert client.get(f"{API}/projects/{number}/journal", headers={"Authorization": "Bearer x"}).status_code in (
        401,
        422,
    )


def test_a_body_over_the_limit_is_refused_even_when_it_hides_its_length(client: TestClient) -> None:
    large = b'{"text": "' + b"x" * porch.JSON_LIMIT + b'", "count": 1}'
    headers = {"Content-Type": "application/json"}
    assert client.post("/echo", content=large, headers=headers).status_code == 413
    hidden = client.post("/echo", content=iter([large[:1000], large[1000:]]), headers=headers)
    assert (hidden.status_code, hidden.json()["code"]) == (413, "too_large")


def test_uploads_may_be_larger_than_other_bodies(store: Store) -> None:
    config = replace(store.config, max_upload_mb=6, max_item_mb=1)
    limit = porch.Porch(lambda *_: None, config)._limit  # type: ignore[arg-type, return-value]
    assert limit(f"{API}/projects/1/items") == 6 * porch.MEGABYTE
    assert limit(f"{API}/projects/1/predict") == porch.JSON_LIMIT
    assert limit(f"{API}/login") == porch.JSON_LIMIT


def test_every_answer_tells_browsers_to_be_careful(client: TestClient) -> None:
    for path in (f"{API}/health", f"{API}/me", "/fails", f"{API}/nothing", "/"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert "x-request-id" in headers
    assert client.get(f"{API}/me").headers["cache-control"] == "no-store"


def test_a_way_that_leads_nowhere_is_a_problem_too(client: TestClient) -> None:
    assert client.get(f"{API}/nothing").json()["code"] == "not_found"
    assert client.post("/nowhere").json()["code"] == "not_found"
    assert client.put(f"{API}/login").json()["code"] == "http.405"


def test_large_answers_are_compressed_and_small_ones_are_not(client: TestClient) -> None:
    large = client.post("/echo", json={"text": "x" * 10_000, "count": 1})
    assert large.headers["content-encoding"] == "gzip"
    assert large.json()["text"] == "x" * 10_000
    assert "content-encoding" not in client.post("/echo", json={"text": "x", "count": 1}).headers
    plain = client.post("/echo", json={"text": "x" * 10_000, "count": 1}, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_a_log_line_is_json_without_secrets() -> None:
    code = (
        "import structlog, logging; from meguri.kit import logs; logs.configure('info');"
        "structlog.contextvars.bind_contextvars(request_id='abc');"
        "structlog.get_logger('x').info('hello', token='mgr_secret', name='Hana');"
        "structlog.get_logger('x').debug('unheard');"
        "logging.getLogger('library').warning('from %s', 'a library')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["hello", "from a library"]
    assert lines[0]["request_id"] == "abc"
    assert "mgr_secret" not in run.stderr


def test_a_traceback_in_the_log_has_no_local_variables() -> None:
    code = (
        "import structlog; from meguri.kit import logs; logs.configure('info')\n"
        "def fail(password):\n    raise ValueError('no')\n"
        "try:\n    fail('hunter2' + 'x')\n"
        "except ValueError:\n    structlog.get_logger('x').exception('failed')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "hunter2x" not in run.stderr
    assert json.loads(run.stderr)["exception"][0]["exc_type"] == "ValueError"


def test_the_path_in_the_log_hides_what_was_filled_in() -> None:
    assert "s3cret" not in porch.where({"path": "/api/v1/join/s3cret"})


def test_the_server_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from meguri.api import serve; from meguri.api.app import create_app; create_app();"
        "print(sorted({'sklearn', 'dbos', 'matplotlib', 'scipy.stats', 'torch', 'pandas'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_operations_are_named_by_room_and_function_and_only_once(app: FastAPI) -> None:
    names = [operation["operationId"] for path in app.openapi()["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert "accounts_login" in names
    assert all("_" in name and name == name.lower() for name in names)


def test_every_operation_says_that_errors_are_problems(app: FastAPI) -> None:
    document = app.openapi()
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]


def test_an_application_opens_and_closes_its_own_store(store: Store) -> None:
    with TestClient(create_app(store.config)) as client:
        assert client.get(f"{API}/health").status_code == 200
