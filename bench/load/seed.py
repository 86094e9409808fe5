"""A project with many texts, all waiting to be labelled, and people with tokens."""

from pathlib import Path

from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.kit.config import Config
from meguri.labelling import service as labelling
from meguri.storage import migrate
from meguri.storage.store import Store

QUESTIONS = [{"name": "topic", "type": "choice", "options": ["sport", "politics", "science", "other"]}]
TEXT = "Text number {n} of project {p}: " + "some words that somebody has to read before they can answer. " * 5


def seed(config: Config, tasks: int, people: int, projects: int = 1, overlap: int = 1) -> dict[str, list]:
    """Returns the ids of the projects and the people's tokens."""
    store = Store.open(config)
    migrate.upgrade(store)
    with store.database.begin() as tx:
        __import__("meguri.storage.schema").storage.schema.metadata.create_all(tx)
        tokens = [_person(tx, n) for n in range(people)]
        ids = [_project(tx, store, n, tasks, overlap, people) for n in range(projects)]
    store.close()
    return {"projects": ids, "tokens": tokens}


def _person(tx: Connection, n: int) -> str:
    person = accounts.create_person(tx, email=f"p{n}@example.org", name=f"P{n}", password=None, role="annotator")
    return accounts.create_token(tx, person.id, "load")[0]


def _project(tx: Connection, store: Store, number: int, tasks: int, overlap: int, people: int) -> int:
    project = labelling.create_project(
        tx,
        "system",
        name=f"Load {number}",
        modality="text",
        questions=QUESTIONS,
        settings={"overlap": overlap, "lease_seconds": 3_600},
    )
    for person in range(1, people + 1):
        accounts.add_member(tx, project.id, person, "annotator")
    new = (NewItem(text=TEXT.format(n=n, p=number)) for n in range(tasks))
    items = [added.item_id for added in data.add(tx, store.blobs, project.home, new, "system")]
    labelling.request(tx, project, items, "selection")
    return project.id


def config_at(folder: Path, port: int, url: str = "") -> Config:
    return Config(data=folder, database_url=url, port=port, log_level="warning")
