"""Many people at once: real threads and real processes on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
import sqlalchemy as sa
from tests.labelling import crowd

from meguri.labelling import service as labelling
from meguri.labelling.model import WAKE
from meguri.storage import jobs

MakeWorld = Callable[..., Any]

ANSWERS = sa.text(
    "SELECT a.person_id, a.item_id, count(*) FROM annotation a LEFT JOIN retraction r ON r.annotation_id = a.id "
    "WHERE r.id IS NULL GROUP BY a.person_id, a.item_id"
)


def at_once(work: Callable[[int], Any], people: list[int]) -> list[Any]:
    """Let everybody begin at the same moment."""
    gate = threading.Barrier(len(people))

    def begin(person: int) -> Any:
        gate.wait()
        return work(person)

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(begin, people))


def check(world: Any, overlap: int, items: list[int]) -> None:
    """Every item has its answers, each of another person, and the kept counts are right."""
    with world.store.database.read() as tx:
        given = [tuple(row) for row in tx.execute(ANSWERS)]
    assert all(count == 1 for _, _, count in given)
    assert Counter(item for _, item, _ in given) == dict.fromkeys(items, overlap)
    assert world.miscounted() == []
    assert world.progress().pending == 0


def test_64_people_who_open_at_once_get_64_different_tasks(world: Any) -> None:
    people, items = world.people(64), world.items(64)
    world.request(items)
    lent = at_once(world.lend, people)
    assert sorted(one.item.id for one in lent) == items
    assert world.miscounted() == []


def test_64_people_who_open_at_once_share_what_there_is(make_world: MakeWorld) -> None:
    world = make_world(overlap=3)
    people, items = world.people(64), world.items(10)
    world.request(items)
    lent = [one.item.id for one in at_once(world.lend, people) if one is not None]
    assert Counter(lent) == dict.fromkeys(items, 3)
    assert world.miscounted() == []


def test_one_person_in_many_windows_never_gets_an_item_twice(world: Any) -> None:
    (ann,), items = world.people(1), world.items(12)
    world.request(items)
    world.request(items, "recheck")
    lent = at_once(lambda _: world.lend(ann), list(range(16)))
    given = [one.item.id for one in lent if one is not None]
    assert sorted(given) == items


@pytest.mark.parametrize("policy", ["in_order", "shuffled"])
def test_a_crowd_that_skips_and_changes_its_mind_answers_everything(make_world: MakeWorld, policy: str) -> None:
    world = make_world(overlap=2, assignment=policy, give_up_after=100)
    people, items = world.people(12), world.items(40)
    world.request(items)
    at_once(lambda person: crowd.work(world.store, world.project_id, person, skips=0.1, undos=0.1), people)
    for person in people:  # what was skipped while everybody else was done
        crowd.work(world.store, world.project_id, person)
    check(world, 2, items)


def test_a_crowd_in_several_processes_answers_everything_once(make_world: MakeWorld) -> None:
    world = make_world(overlap=2)
    people, items = world.people(16), world.items(60)
    world.request(items)
    teams = [people[n::4] for n in range(4)]
    with get_context("spawn").Pool(4) as pool:
        done = pool.starmap(crowd.process, [(world.store.config, world.project_id, team) for team in teams])
    assert sum(len(mine) for team in done for mine in team) == 120
    check(world, 2, items)


def test_whoever_completes_a_round_wakes_the_loop_also_when_two_are_last_at_once(world: Any) -> None:
    people = world.people(4)
    for turn in range(6):
        world.request(world.items(4, prefix=f"turn {turn}"))
        lent = {person: world.lend(person).id for person in people}
        at_once(lambda person, lent=lent: world.answer(person, lent[person]), people)
        with world.store.database.begin() as tx:
            waiting = [job for job in jobs.page(tx, world.project_id).rows if job.name == WAKE]
            assert len(waiting) == 1
            tx.execute(sa.text("DELETE FROM job"))


def test_an_answer_given_at_many_windows_at_once_is_one_annotation(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    answered = at_once(lambda _: world.answer(ann, lent.id), list(range(8)))
    assert len({one.annotation_id for one in answered}) == 1
    check(world, 1, items)


def test_leases_that_run_out_come_back_once_however_many_notice(world: Any) -> None:
    from meguri.kit import clock

    people, items = world.people(16), world.items(8)
    world.request(items)
    at_once(world.lend, people[:8])
    with clock.shifted(3_600_000):
        lent = [one for one in at_once(world.lend, people[8:]) if one is not None]
        while (more := world.lend(people[0])) is not None:
            lent.append(more)
    assert Counter(one.item.id for one in lent) == dict.fromkeys(items, 1)
    assert world.miscounted() == []


def test_requests_made_at_once_do_not_ask_twice(world: Any) -> None:
    items = world.items(20)
    project = world.project
    made = at_once(lambda _: world.run(lambda tx: labelling.request(tx, project, items, "selection")), list(range(8)))
    assert sum(map(len, made)) == 20
