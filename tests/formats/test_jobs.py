"""After an import a worker counts the labels, whether the loop runs or not."""

from typing import Any

from starlette.testclient import TestClient

from meguri.formats import jobs as formats_jobs
from meguri.loop import jobs as loop_jobs
from meguri.quality import service as quality
from meguri.storage import jobs
from meguri.storage.store import Store


def test_labels_of_an_import_show_without_the_loop(engineer: TestClient, project: dict[str, Any], store: Store) -> None:
    assert formats_jobs.read_labels and loop_jobs
    path = f"/api/v1/projects/{project['id']}/items"
    answer = engineer.post(path, json=[{"text": "a", "label": "sport"}, {"text": "b"}])
    assert answer.status_code == 201, answer.text
    jobs.run_pending(store)
    with store.database.read() as tx:
        assert [label.value for label in quality.labels(tx, project["id"], "topic")] == ["sport"]
    assert [row["state"] for row in engineer.get(path).json()["rows"]] == ["labelled", "new"]
