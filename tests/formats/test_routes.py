"""Items come in over HTTP, all or none; labels go out."""

import base64
import io
import json
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from meguri.data import service as data
from meguri.data.modalities import modalities
from meguri.formats.fetch import is_public
from meguri.kit.config import Config
from meguri.labelling import service as labelling
from meguri.quality import service as quality
from meguri.storage.store import Store

Project = dict[str, Any]


@pytest.fixture
def config(database_url: str, tmp_path: Any) -> Config:
    return Config(data=tmp_path, database_url=database_url, max_row_mb=1, max_item_mb=1, max_upload_mb=8)


def settle(store: Store, project: Project) -> None:
    """Count what the labels add up to, as a worker does after an import."""
    with store.database.begin() as tx:
        quality.aggregate(tx, labelling.project(tx, project["id"]))


def items_of(project: Project) -> str:
    return f"/api/v1/projects/{project['id']}/items"


def ndjson(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def post(who: TestClient, project: Project, content: bytes, kind: str = "application/x-ndjson", **params: str) -> Any:
    return who.post(items_of(project), content=content, headers={"Content-Type": kind}, params=params)


def upload(who: TestClient, project: Project, files: dict[str, bytes], **params: str) -> Any:
    sent = [("files", (name, content)) for name, content in files.items()]
    return who.post(items_of(project), files=sent, params=params)


def count(store: Store, project: Project) -> int:
    with store.database.read() as tx:
        return sum(data.count(tx, project["id"]).values())


def nothing_stays(store: Store, project: Project, answer: Any, code: str, status: int = 422) -> Any:
    """The error, once it is sure that nothing half-done is left."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code, body
    assert count(store, project) == 0
    with store.database.read() as tx:
        assert not quality.labels(tx, project["id"], "topic")
        assert tx.execute(sa.text("SELECT count(*) FROM annotation")).scalar() == 0
        assert tx.execute(sa.text("SELECT count(*) FROM journal WHERE kind = 'data.added'")).scalar() == 0
    return body


def picture(color: str = "red", size: tuple[int, int] = (20, 10)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, color).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def album(owner: TestClient) -> Project:
    """An image project."""
    question = {"name": "topic", "type": "choice", "options": ["cat", "dog"]}
    made = owner.post("/api/v1/projects", json={"name": "Pets", "modality": "image", "questions": [question]})
    body: Project = made.json()
    return body


def test_strangers_outsiders_and_annotators_add_and_take_nothing(
    client: TestClient, outsider: TestClient, annotator: TestClient, operator: TestClient, project: Project
) -> None:
    row = ndjson({"text": "a"})
    for who, status in ((client, 401), (outsider, 404), (annotator, 403), (operator, 403)):
        assert post(who, project, row).status_code == status
        assert who.post(items_of(project) + "/preview", files={"f": ("a.csv", b"text\n")}).status_code == status
    export = f"/api/v1/projects/{project['id']}/export"
    assert [who.get(export).status_code for who in (client, outsider, annotator)] == [401, 404, 403]


def test_a_body_is_not_read_for_those_who_may_not_send_it(client: TestClient, project: Project) -> None:
    read = 0

    def endless() -> Any:
        nonlocal read
        while read < 1_000:
            read += 1
            yield b"x" * 65_536

    answer = client.post(items_of(project), content=endless(), headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_items_are_added_once_however_often_they_are_sent(
    engineer: TestClient, project: Project, store: Store, kind: str
) -> None:
    rows = [{"text": "one", "key": "k1", "meta": {"shop": "東京"}}, {"text": "two"}, {"text": "one"}]
    content = json.dumps(rows).encode() if kind == "application/json" else ndjson(*rows)
    answer = post(engineer, project, content, kind)
    assert (answer.status_code, answer.json()) == (201, {"created": 2, "existing": 1})
    assert post(engineer, project, content, kind).json() == {"created": 0, "existing": 3}
    assert count(store, project) == 2


def test_labels_that_come_along_are_counted_as_the_truth(engineer: TestClient, project: Project, store: Store) -> None:
    rows = [{"text": "a", "label": "sport"}, {"text": "b", "label": {"topic": "politics"}, "gold": True}, {"text": "c"}]
    assert post(engineer, project, ndjson(*rows)).status_code == 201
    assert post(engineer, project, ndjson(*rows)).status_code == 201
    settle(store, project)
    with store.database.read() as tx:
        labels = quality.labels(tx, project["id"], "topic")
        assert tx.execute(sa.text("SELECT count(*) FROM annotation")).scalar() == 2
        assert [item.gold for item in data.page(tx, project["id"]).rows] == [False, True, False]
    assert [(label.value, label.confidence) for label in labels] == [("sport", 1.0), ("politics", 1.0)]


def test_a_corrected_label_replaces_the_imported_one(engineer: TestClient, project: Project, store: Store) -> None:
    post(engineer, project, ndjson({"text": "a", "label": "sport"}))
    post(engineer, project, ndjson({"text": "a", "label": "politics"}))
    settle(store, project)
    with store.database.read() as tx:
        assert [label.value for label in quality.labels(tx, project["id"], "topic")] == ["politics"]


def test_an_archived_project_takes_nothing(owner: TestClient, project: Project, store: Store) -> None:
    assert owner.delete(f"/api/v1/projects/{project['id']}").is_success
    nothing_stays(store, project, post(owner, project, ndjson({"text": "a"})), "labelling.archived", 409)


def test_a_label_not_in_the_schema_is_told_with_the_nearest(
    engineer: TestClient, project: Project, store: Store
) -> None:
    answer = post(engineer, project, ndjson({"text": "a", "label": "sport"}, {"text": "b", "label": "Sports"}))
    body = nothing_stays(store, project, answer, "formats.label_unknown")
    assert body["where"][0]["row"] == 2
    assert body["where"][0]["params"]["nearest"] == ["sport"]
    assert "politics" in body["detail"]
    assert post(engineer, project, ndjson({"text": "a", "label": {"tpoic": "x"}})).status_code == 422
    assert post(engineer, project, ndjson({"text": "a", "gold": True})).json()["code"] == "formats.gold_without_label"


def test_up_to_fifty_problems_are_told_at_once(engineer: TestClient, project: Project, store: Store) -> None:
    bad = [{"text": ""}, {"label": "sport"}, {"text": "x", "label": "none"}, {"text": "fine"}]
    body = nothing_stays(store, project, post(engineer, project, ndjson(*bad)), "formats.rows")
    assert [place["row"] for place in body["where"]] == [1, 2, 3]
    body = nothing_stays(store, project, post(engineer, project, ndjson(*[{"text": ""}] * 200)), "data.text_empty")
    assert len(body["where"]) == 50


def test_a_key_with_other_content_is_told(engineer: TestClient, project: Project, store: Store) -> None:
    answer = post(engineer, project, ndjson({"text": "a", "key": "k"}, {"text": "b", "key": "k"}))
    body = nothing_stays(store, project, answer, "data.key_taken", 409)
    assert (body["where"][0]["row"], body["params"]["key"]) == (2, "k")


def test_a_csv_without_the_column_is_told_with_those_it_has(
    engineer: TestClient, project: Project, store: Store
) -> None:
    answer = upload(engineer, project, {"a.csv": b"id,words\n1,x\n"}, text_column="body")
    body = nothing_stays(store, project, answer, "formats.no_column")
    assert body["params"]["columns"] == ["id", "words"]
    assert body["where"][0]["file"] == "a.csv"


def test_a_csv_in_shift_jis_is_told_and_then_read(engineer: TestClient, project: Project, store: Store) -> None:
    content = "本文,ラベル\nこれは良い試合でした。,sport\n".encode("cp932")
    body = nothing_stays(store, project, upload(engineer, project, {"a.csv": content}), "formats.encoding")
    assert (body["params"]["likely"], body["params"]["row"]) == ("cp932", 1)
    assert upload(engineer, project, {"a.csv": content}, encoding="cp932").json() == {"created": 1, "existing": 0}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a.csv": b""}, "data.empty"),
        ({"a.csv": b"text,label\nx\n"}, "formats.ragged"),
        ({"a.csv": b"text\na\0b\n"}, "data.text_nul"),
        ({"a.csv": b'text\n"' + b"x,\n" * 600_000}, "formats.row_too_long"),
        ({"a.jsonl": b'{"text": "' + b"x" * 2_000_000}, "formats.row_too_long"),
        ({"a.jsonl": b'{"text": "\xff"}\n'}, "formats.encoding"),
        ({"a.jsonl": b'{"text": 1}\n'}, "formats.shape"),
        ({"a.json": b'{"items": []}'}, "formats.shape"),
        ({"a.txt": b""}, "data.empty"),
        ({"a.txt": b"\xff\xfe"}, "data.text_encoding"),
        ({"a.txt": b"x" * (1 << 20) + b"y"}, "data.too_large"),
        ({"good.txt": b"fine", "bad.txt": b""}, "data.empty"),
        ({"a.zip": b"PK\x03\x04 rubbish"}, "formats.zip_broken"),
        ({}, "formats.empty"),
    ],
)
def test_bad_files_are_told_and_leave_nothing(
    engineer: TestClient, project: Project, store: Store, files: dict[str, bytes], code: str
) -> None:
    if files:
        answer = upload(engineer, project, files)
    else:
        kind = "multipart/form-data; boundary=b"
        answer = post(engineer, project, b"--b--\r\n", kind)
    assert nothing_stays(store, project, answer, code)["detail"]


@pytest.mark.parametrize("content", [b"", b"[]", b"[1,", b"nonsense", b'[{"text": "a"}', b'{"text": "a\\ud800"}'])
def test_bad_json_is_told_and_leaves_nothing(
    engineer: TestClient, project: Project, store: Store, content: bytes
) -> None:
    answer = post(engineer, project, content, "application/json")
    assert answer.status_code == 422
    nothing_stays(store, project, answer, answer.json()["code"])


def test_a_line_beyond_the_limit_is_refused_by_its_row(engineer: TestClient, project: Project, store: Store) -> None:
    def line() -> Any:
        yield b'{"text": "fine"}\n{"text": "'
        for _ in range(100):
            yield b"x" * 65_536

    answer = engineer.post(items_of(project), content=line(), headers={"Content-Type": "application/x-ndjson"})
    body = nothing_stays(store, project, answer, "formats.row_too_long")
    assert body["where"][0]["row"] == 2


def test_a_request_beyond_the_limit_is_refused(engineer: TestClient, project: Project, store: Store) -> None:
    answer = upload(engineer, project, {f"{i}.txt": b"x" * 900_000 for i in range(10)})
    nothing_stays(store, project, answer, "too_large", 413)
    cut = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello'
    answer = post(engineer, project, cut, "multipart/form-data; boundary=b")
    nothing_stays(store, project, answer, "formats.multipart")


def test_pictures_come_as_files_as_base64_and_in_class_folders(owner: TestClient, album: Project, store: Store) -> None:
    assert upload(owner, album, {"1.png": picture("red"), "2.png": picture("blue")}).json()["created"] == 2
    encoded = base64.b64encode(picture("green")).decode()
    assert post(owner, album, ndjson({"data": encoded, "label": "cat"})).json() == {"created": 1, "existing": 0}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("pets/cat/a.png", picture("black"))
        target.writestr("pets/dog/b.png", picture("white"))
    assert upload(owner, album, {"pets.zip": archive.getvalue()}).json() == {"created": 2, "existing": 0}
    assert upload(owner, album, {"more/dog/c.png": picture("pink")}).json() == {"created": 1, "existing": 0}
    settle(store, album)
    with store.database.read() as tx:
        labels = [label.value for label in quality.labels(tx, album["id"], "topic")]
    assert labels == ["cat", "cat", "dog", "dog"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a.png": b""}, "data.empty"),
        ({"a.png": picture()[:45]}, "data.image_broken"),
        ({"good.png": picture(), "note.png": b"just words"}, "data.unsupported"),
        ({"a.jsonl": b'{"data": "no base64!"}\n'}, "formats.base64"),
        ({"a.jsonl": b'{"text": "words"}\n'}, "data.no_content"),
    ],
)
def test_bad_pictures_are_told_and_leave_nothing(
    owner: TestClient, album: Project, store: Store, files: dict[str, bytes], code: str
) -> None:
    nothing_stays(store, album, upload(owner, album, files), code)


def test_a_misspelt_class_folder_is_told(owner: TestClient, album: Project, store: Store) -> None:
    answer = upload(owner, album, {"cat/a.png": picture("red"), "dgo/b.png": picture("blue")})
    body = nothing_stays(store, album, answer, "formats.label_unknown")
    assert body["where"][0]["params"]["nearest"] == ["dog"]
    assert upload(owner, album, {"dgo/b.png": picture("blue")}).json()["created"] == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x.png",
        "http://localhost/x.png",
        "http://[::1]/x.png",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "http://user@example.org/",
        "http://",
    ],
)
def test_addresses_that_are_not_public_are_not_fetched(
    owner: TestClient, album: Project, store: Store, url: str
) -> None:
    answer = post(owner, album, ndjson({"url": url}))
    body = nothing_stays(store, album, answer, answer.json()["code"])
    assert body["code"] in ("formats.url_private", "formats.url_refused")
    assert (body["where"][0]["row"], body["where"][0]["field"]) == (1, "url")


def test_only_open_addresses_count_as_public() -> None:
    for address in ("8.8.8.8", "2606:4700::1111"):
        assert is_public(address)
    for address in ("192.168.1.1", "100.64.0.1", "224.0.0.1", "fe80::1%eth0", "fd00::1", "64:ff9b::7f00:1", "2002::1"):
        assert not is_public(address)


def test_a_preview_guesses_columns_and_keeps_nothing(engineer: TestClient, project: Project, store: Store) -> None:
    content = "id,店,感想,分類\n" + "".join(f"{i},A,とても良い文章{i},sport\n" for i in range(30)) + "x,y\n"
    answer = engineer.post(items_of(project) + "/preview", files={"f": ("a.csv", content.encode())})
    body = answer.json()
    assert body["columns"] == ["id", "店", "感想", "分類"]
    assert len(body["rows"]) == 20
    assert body["guessed"] == {"text": "感想", "label": "分類", "key": "id"}
    assert body["labels"] == {"sport": 30}
    assert [problem["row"] for problem in body["problems"]] == [32]
    lines = engineer.post(items_of(project) + "/preview", files={"f": ("a.jsonl", ndjson({"body": "x", "y": 1}))})
    assert lines.json()["guessed"]["text"] == "body"
    bad = engineer.post(items_of(project) + "/preview", files={"f": ("a.csv", "本文\nほげ\n".encode("cp932"))})
    assert bad.json()["problems"][0]["params"]["likely"] == "cp932"
    assert count(store, project) == 0


def test_an_export_brings_the_same_items_and_labels_into_another_project(
    engineer: TestClient, owner: TestClient, project: Project, store: Store
) -> None:
    rows = [{"text": f"text {i}", "key": f"k{i}", "label": "sport" if i % 2 else "politics"} for i in range(40)]
    post(engineer, project, ndjson(*rows, {"text": "unlabelled"}))
    settle(store, project)
    question = {"name": "topic", "type": "choice", "options": ["sport", "politics"]}
    for name, suffix in (("jsonl", ".jsonl"), ("csv", ".csv"), ("folder", ".zip")):
        answer = engineer.get(f"/api/v1/projects/{project['id']}/export", params={"format": name})
        assert answer.status_code == 200
        made = owner.post("/api/v1/projects", json={"name": name, "modality": "text", "questions": [question]}).json()
        back = upload(owner, made, {f"export{suffix}": answer.content}, folders="auto")
        if name == "folder":  # the folder of unlabelled items is no label
            assert back.json()["code"] == "formats.label_unknown"
            continue
        assert back.json() == {"created": 41, "existing": 0}, back.text
        settle(store, made)
        with store.database.read() as tx:
            assert len(quality.labels(tx, made["id"], "topic")) == 40


def test_an_unknown_format_is_told(engineer: TestClient, project: Project) -> None:
    for name in ("nothing", "file"):
        answer = engineer.get(f"/api/v1/projects/{project['id']}/export", params={"format": name})
        assert answer.status_code == 422
        assert "jsonl" in answer.json()["detail"]


def test_content_is_handed_out_harmlessly_and_in_ranges(
    owner: TestClient, client: TestClient, outsider: TestClient, album: Project, project: Project, store: Store
) -> None:
    upload(owner, album, {"1.png": picture()})
    post(owner, project, ndjson({"text": "<script>alert(1)</script>"}))
    with store.database.read() as tx:
        (image,) = data.ids(tx, album["id"])
        (text,) = data.ids(tx, project["id"])
    at = f"{items_of(album)}/{image}"
    assert [who.get(f"{at}/content").status_code for who in (client, outsider)] == [401, 404]
    assert [who.get(f"{at}/thumbnail").status_code for who in (client, outsider)] == [401, 404]
    assert owner.get(f"{items_of(project)}/{image}/content").status_code == 404
    whole = owner.get(f"{at}/content")
    assert whole.content == picture()
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    assert owner.get(f"{at}/content", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    part = owner.get(f"{at}/content", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    assert part.headers["content-range"] == f"bytes 1-3/{len(picture())}"
    assert owner.get(f"{at}/content", headers={"Range": "bytes=-2"}).content == picture()[-2:]
    assert owner.get(f"{at}/content", headers={"Range": "bytes=999999-"}).status_code == 416
    words = owner.get(f"{items_of(project)}/{text}/content")
    assert words.headers["content-disposition"].startswith("attachment")
    assert words.headers["content-type"].startswith("text/plain")
    for _ in range(2):
        small = owner.get(f"{at}/thumbnail", params={"size": 64})
        assert Image.open(io.BytesIO(small.content)).format == "WEBP"
    assert owner.get(f"{items_of(project)}/{text}/thumbnail").status_code == 404
    assert modalities["image"].sniff(small.content) == "image/webp"
