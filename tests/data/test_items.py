"""Items enter once, keep their split for ever, and say plainly what is wrong with what does not enter."""

import threading
from collections import Counter

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from meguri.data import repository, service
from meguri.data.modalities import modalities
from meguri.data.model import ItemFilter, ItemHome, NewItem, draw_split
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.labelling.tables import project
from meguri.storage import journal
from meguri.storage.store import Store


def make_home(store: Store, modality: str = "text", **other: object) -> ItemHome:
    """A project's row as the labelling room would have written it."""
    row = {"name": "p", "modality": modality, "questions": [], "guidelines": "", "settings": {}, "seed": "s"}
    row["stamp"] = "s"
    with store.database.begin() as tx:
        made = tx.execute(sa.insert(project).returning(project.c.id), {**row, "created_at": 1}).scalar_one()
    return ItemHome(made, modality, str(other.get("seed", "s")), float(str(other.get("test_share", 0.2))))


def add(store: Store, home: ItemHome, *new: NewItem) -> list[service.Added]:
    return store.database.run(lambda tx: service.add(tx, store.blobs, home, new, "system"))


def count(store: Store, home: ItemHome) -> int:
    with store.database.read() as tx:
        return sum(service.count(tx, home.project_id).values())


def test_the_same_content_or_key_again_is_the_same_item(store: Store) -> None:
    home = make_home(store)
    first = add(store, home, NewItem(key="a", text="one"), NewItem(text="two"), NewItem(text="one"))
    again = add(store, home, NewItem(text="two"), NewItem(key="a", text="one"))
    assert [one.created for one in first] == [True, True, False]
    assert first[0].item_id == first[2].item_id
    assert again == [(first[1].item_id, False), (first[0].item_id, False)]
    assert count(store, home) == 2


def test_the_counters_of_items_are_what_a_recount_finds(store: Store) -> None:
    home = make_home(store, test_share=0.4)
    for start in range(0, 60, 20):
        add(store, home, *(NewItem(text=f"text {n}") for n in range(start, start + 30)))
    with pytest.raises(Conflict):
        add(store, home, NewItem(key="a", text="new"), NewItem(key="a", text="newer"))
    with store.database.read() as tx:
        counted = service.count(tx, home.project_id)
        assert counted == repository.recount(tx, home.project_id)
    assert sum(counted.values()) == 70
    assert set(counted) == {"train", "test"}


def test_a_key_names_one_content_for_ever_and_the_row_that_says_otherwise_is_named(store: Store) -> None:
    home = make_home(store)
    add(store, home, NewItem(key="a", text="one"))
    with pytest.raises(Conflict) as problem:
        add(store, home, NewItem(text="new"), NewItem(key="a", text="two"))
    assert problem.value.where[0]["row"] == 2
    assert "'a'" in problem.value.detail
    assert count(store, home) == 1


def test_a_key_given_twice_in_one_call_with_other_content_is_refused(store: Store) -> None:
    home = make_home(store)
    with pytest.raises(Conflict):
        add(store, home, NewItem(key="a", text="one"), NewItem(key="a", text="two"))
    assert count(store, home) == 0


def test_two_projects_do_not_know_each_others_items(store: Store) -> None:
    one, two = make_home(store), make_home(store)
    mine = add(store, one, NewItem(key="a", text="same"))[0]
    yours = add(store, two, NewItem(key="a", text="same"))[0]
    assert mine.created and yours.created and mine.item_id != yours.item_id
    with store.database.read() as tx, pytest.raises(NotFound):
        service.get(tx, two.project_id, mine.item_id)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (NewItem(text="  \n"), "data.text_empty"),
        (NewItem(text="a\0b"), "data.text_nul"),
        (NewItem(text="half \ud800 pair"), "data.text_encoding"),
        (NewItem(content=b"\xff\xfe"), "data.text_encoding"),
        (NewItem(), "data.no_text"),
        (NewItem(text="x", key=""), "data.key_bad"),
        (NewItem(text="x", key="k" * 501), "data.key_bad"),
        (NewItem(text="x", meta={"a": "\0"}), "data.meta_bad"),
        (NewItem(text="x", meta={"a": float("nan")}), "data.meta_bad"),
        (NewItem(text="x", meta={"a": "\ud800"}), "data.meta_bad"),
    ],
)
def test_bad_items_are_refused_with_their_row_and_nothing_stays(store: Store, item: NewItem, code: str) -> None:
    home = make_home(store)
    with pytest.raises(Invalid) as problem:
        add(store, home, NewItem(text="good"), item)
    assert problem.value.code == code
    assert problem.value.where[0]["row"] == 2
    assert count(store, home) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "data.empty"),
        (b"plain words", "data.unsupported"),
        (b"%PDF-1.7", "data.unsupported"),
        (b"\x89PNG\r\n\x1a\nrubbish", "data.image_broken"),
    ],
)
def test_an_image_project_takes_whole_images_only(store: Store, content: bytes, code: str) -> None:
    home = make_home(store, "image")
    with pytest.raises(Invalid) as problem:
        add(store, home, NewItem(content=content))
    assert problem.value.code == code


def test_an_image_keeps_its_bytes_and_is_described(store: Store) -> None:
    home = make_home(store, "image")
    content = modalities["image"].example()
    made = add(store, home, NewItem(content=content, meta={"file": "x.jpg"}))[0]
    with store.database.read() as tx:
        item = service.get(tx, home.project_id, made.item_id)
    assert (item.mime, item.traits, item.text) == ("image/png", {"width": 8, "height": 6}, None)
    assert service.content(store.blobs, item) == content


def test_pages_are_in_order_and_filtered(store: Store) -> None:
    home = make_home(store)
    add(store, home, *(NewItem(key=f"k{i}", text=f"text {i} {'100%' if i == 3 else ''}") for i in range(10)))
    with store.database.read() as tx:
        first = service.page(tx, home.project_id, limit=4)
        second = service.page(tx, home.project_id, after=first.after, limit=20)
        found = service.page(tx, home.project_id, ItemFilter(q="00%"))
        assert [item.key for item in [*first.rows, *second.rows]] == [f"k{i}" for i in range(10)]
        assert second.after is None
        assert [item.key for item in found.rows] == ["k3"]
        assert [item.id for item in service.every(tx, home.project_id)] == service.ids(tx, home.project_id)


def test_many_are_read_in_the_order_asked_for(store: Store) -> None:
    home = make_home(store)
    made = [one.item_id for one in add(store, home, *(NewItem(text=f"{i}") for i in range(5)))]
    with store.database.read() as tx:
        assert [item.id for item in service.get_many(tx, [made[3], 999_999, made[0]])] == [made[3], made[0]]


def test_an_import_is_one_line_in_the_journal(store: Store) -> None:
    home = make_home(store)
    add(store, home, *(NewItem(text=f"{i}") for i in range(3)))
    add(store, home, NewItem(text="1"))
    with store.database.read() as tx:
        entries = journal.of_project(tx, home.project_id).rows
    assert [(entry.kind, entry.facts["created"]) for entry in entries] == [("data.added", 3)]


def test_people_who_add_the_same_items_at_once_make_each_once(store: Store) -> None:
    home = make_home(store)
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            texts = [f"text {(start + i) % 300}" for i in range(300)]
            with store.database.begin() as tx:
                service.add(tx, store.blobs, home, [NewItem(text=text) for text in texts], "system")
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 70, 150, 290)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert count(store, home) == 300


def test_a_dataset_version_is_frozen_and_found_again(store: Store) -> None:
    home = make_home(store)
    made = add(store, home, NewItem(text="one"), NewItem(text="two"))
    rows = [
        {
            "item": one.item_id,
            "hash": "h",
            "split": "train",
            "answers": {"q": "ä"},
            "confidence": 1.0,
            "annotations": [],
        }
        for one in made
    ]
    with store.database.begin() as tx:
        first = service.freeze(tx, store.blobs, home.project_id, reversed(rows), "round 1")
        same = service.freeze(tx, store.blobs, home.project_id, rows, "round 1 again")
        other = service.freeze(tx, store.blobs, home.project_id, rows[:1], "less")
        assert same == first
        assert (first.number, first.counts, other.number) == (1, {"train": 2}, 2)
        assert service.dataset(tx, store.blobs, first.id) == rows
        assert [one.number for one in service.dataset_versions(tx, home.project_id)] == [2, 1]


def test_the_split_is_uniform_and_depends_on_seed_and_content_alone() -> None:
    split = draw_split(ItemHome(1, "text", "seed", 0.2))
    other = draw_split(ItemHome(1, "text", "another", 0.2))
    drawn = [split(f"{i:064x}") for i in range(20_000)]
    share = Counter(drawn)["test"] / len(drawn)
    assert abs(share - 0.2) < 0.012  # four standard errors
    assert drawn[:100] == [split(f"{i:064x}") for i in range(100)]
    assert drawn[:100] != [other(f"{i:064x}") for i in range(100)]


@given(share=st.floats(0, 1), name=st.text(alphabet="0123456789abcdef", min_size=64, max_size=64))
def test_a_larger_test_share_keeps_every_item_already_drawn(share: float, name: str) -> None:
    smaller, larger = (draw_split(ItemHome(1, "text", "s", x)) for x in (share / 2, share))
    assert not (smaller(name) == "test" and larger(name) == "train")
    assert draw_split(ItemHome(1, "text", "s", 0.0))(name) == "train"
    assert draw_split(ItemHome(1, "text", "s", 1.0))(name) == "test"
