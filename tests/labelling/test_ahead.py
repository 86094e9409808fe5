"""Before a loop leads, whoever wants work gets the next items in order."""

from threading import Barrier, Thread

from starlette.testclient import TestClient

from meguri.annotation import service as annotations
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.storage.store import Store

QUESTION = {"name": "mood", "type": "choice", "options": ["good", "bad"]}


def make(store: Store, items: int, overlap: int = 1) -> tuple[Project, list[int]]:
    """A project with some texts, and their ids."""

    def work(tx: object) -> tuple[Project, list[int]]:
        project = labelling.create_project(
            tx, "system", name="Moods", modality="text", questions=[QUESTION], settings={"overlap": overlap}
        )
        new = (NewItem(None, f"text {n}", None, {}, False) for n in range(items))
        return project, [one.item_id for one in data.add(tx, store.blobs, project.home, new, "system")]

    return store.database.run(work)


def people(store: Store, count: int) -> list[int]:
    """Accounts of some people."""
    from meguri.accounts import service as accounts

    def hire(tx: object, number: int) -> int:
        made = accounts.create_person(
            tx, email=f"p{number}@example.org", name=f"P{number}", password=None, role="annotator"
        )
        return made.id

    return [store.database.run(lambda tx, n=number: hire(tx, n)) for number in range(count)]


def label_all(store: Store, project: Project, person: int, most: int = 10_000) -> list[int]:
    """Answer until there is nothing; the items in the order they came."""
    came = []
    while len(came) < most:
        lent = store.database.run(lambda tx: labelling.lend(tx, person, project.id))
        if lent is None:
            break
        store.database.run(lambda tx, lent=lent: labelling.answer(tx, person, lent.id, {"mood": "good"}, 1.0))
        came.append(lent.item.id)
    return came


def test_a_project_that_never_starts_its_loop_is_labelled_from_first_to_last(store: Store) -> None:
    project, items = make(store, 150)
    (person,) = people(store, 1)
    assert label_all(store, project, person) == items


def test_everybody_asked_gets_every_item_up_to_the_overlap(store: Store) -> None:
    project, items = make(store, 70, overlap=2)
    first, second, third = people(store, 3)
    assert label_all(store, project, first) == items
    assert sorted(label_all(store, project, second)) == items
    assert label_all(store, project, third) == []


def test_items_that_bring_a_label_are_not_asked_about(store: Store) -> None:
    project, items = make(store, 10)
    (person,) = people(store, 1)
    known = [(items[0], {"mood": "bad"}), (items[7], {"mood": "good"})]
    store.database.run(lambda tx: annotations.add_imported(tx, project.schema, project.id, known))
    assert label_all(store, project, person) == [*items[1:7], *items[8:]]


def test_once_somebody_asks_by_hand_only_that_is_lent(store: Store) -> None:
    project, items = make(store, 10)
    (person,) = people(store, 1)
    assert label_all(store, project, person, most=2) == items[:2]
    store.database.run(lambda tx: labelling.request(tx, project, [items[5]], "selection"))
    assert label_all(store, project, person) == [items[5]]


def test_items_that_come_later_are_work_too(store: Store) -> None:
    project, items = make(store, 3)
    (person,) = people(store, 1)
    assert label_all(store, project, person) == items
    new = [NewItem(None, "a late text", None, {}, False)]
    late = store.database.run(lambda tx: data.add(tx, store.blobs, project.home, new, "system"))
    assert label_all(store, project, person) == [late[0].item_id]


def test_once_the_loop_leads_only_what_it_chose_is_lent(store: Store) -> None:
    project, items = make(store, 100)
    (person,) = people(store, 1)
    label_all(store, project, person, most=5)
    held = store.database.run(lambda tx: labelling.lend(tx, person, project.id))
    store.database.run(lambda tx: labelling.end_asking_ahead(tx, project.id))
    assert store.database.run(lambda tx: labelling.lend(tx, person, project.id)) is None
    assert held is not None
    store.database.run(lambda tx: labelling.answer(tx, person, held.id, {"mood": "bad"}, 1.0))
    with store.database.read() as tx:
        assert labelling.items_asked(tx, project.id, "selection") == set(items[:6])
        assert labelling.miscounted(tx, project.id) == []
        assert not labelling.pending(tx, project.id, "selection")


def test_thirty_people_who_open_at_once_get_thirty_different_items(store: Store) -> None:
    project, _ = make(store, 200)
    crowd = people(store, 30)
    start, lent = Barrier(len(crowd)), []

    def open_work(person: int) -> None:
        start.wait()
        found = store.database.run(lambda tx: labelling.lend(tx, person, project.id))
        lent.append(None if found is None else found.item.id)

    threads = [Thread(target=open_work, args=(person,)) for person in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert None not in lent
    assert len(set(lent)) == len(crowd)


def test_over_http_a_fresh_project_has_work_and_its_answers_are_exported(
    engineer: TestClient, annotator: TestClient, project: dict[str, int]
) -> None:
    home = f"/api/v1/projects/{project['id']}"
    assert engineer.post(f"{home}/items", json=[{"text": "one", "key": "1"}, {"text": "two"}]).is_success
    lent = annotator.post(f"{home}/assignments")
    assert lent.status_code == 201
    body = {"answers": {"topic": "sport"}, "seconds": 1.0}
    assert annotator.post(f"/api/v1/assignments/{lent.json()['id']}/answer", json=body).is_success
    exported = engineer.get(f"{home}/export", params={"format": "jsonl"}).text
    assert '"sport"' in exported.splitlines()[0]
