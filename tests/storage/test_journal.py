"""One row for every fact."""

from meguri.storage import journal
from meguri.storage.store import Store


def test_an_items_whole_life_is_one_query_newest_first(store: Store) -> None:
    def live(tx: object) -> None:
        journal.write(tx, "data.added", "person:1", project=1, item=7)  # type: ignore[arg-type]
        journal.write(tx, "labelling.answered", "person:2", project=1, item=7, task=3, answer="cat")  # type: ignore[arg-type]
        journal.write(tx, "data.added", "person:1", project=1, item=8)  # type: ignore[arg-type]

    store.database.run(live)
    with store.database.read() as tx:
        life = journal.of_item(tx, 7).rows
    assert [entry.kind for entry in life] == ["labelling.answered", "data.added"]
    assert (life[0].actor, life[0].task_id, life[0].facts) == ("person:2", 3, {"answer": "cat"})


def test_a_projects_facts_come_in_pages(store: Store) -> None:
    rows = [{"kind": f"k{n}", "actor": "system", "project_id": 1, "facts": {}} for n in range(5)]
    store.database.run(lambda tx: journal.write_many(tx, rows))
    store.database.run(lambda tx: journal.write(tx, "other", "system", project=2))
    with store.database.read() as tx:
        first = journal.of_project(tx, 1, limit=3)
        rest = journal.of_project(tx, 1, before=first.after, limit=3)
    assert [entry.kind for entry in (*first.rows, *rest.rows)] == ["k4", "k3", "k2", "k1", "k0"]
    assert rest.after is None


def test_nothing_to_write_writes_nothing(store: Store) -> None:
    store.database.run(lambda tx: journal.write_many(tx, []))
    with store.database.read() as tx:
        assert journal.of_project(tx, 1).rows == []
