"""Lending, answering, skipping and taking back."""

from collections.abc import Callable
from typing import Any

import pytest

from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.labelling import service as labelling
from meguri.labelling.model import WAKE
from meguri.storage import jobs, journal

MakeWorld = Callable[..., Any]


def kinds(world: Any, item: int) -> list[str]:
    with world.store.database.read() as tx:
        return [entry.kind for entry in journal.of_item(tx, item).rows]


def waiting_jobs(world: Any, name: str = WAKE) -> list[Any]:
    with world.store.database.read() as tx:
        return [job for job in jobs.page(tx, world.project_id).rows if job.name == name]


def test_tasks_are_lent_in_the_order_in_which_they_were_asked_for(world: Any) -> None:
    (ann,), items = world.people(1), world.items(3)
    world.request(items[::-1])
    assert [world.lend(ann).item.id for _ in items] == items[::-1]
    assert world.lend(ann) is None


def test_a_project_without_items_lends_nothing(world: Any) -> None:
    (ann,) = world.people(1)
    assert world.lend(ann) is None


def test_a_task_is_never_lent_beyond_its_overlap(make_world: MakeWorld) -> None:
    world = make_world(overlap=2)
    people, items = world.people(3), world.items(1)
    world.request(items)
    lent = [world.lend(person) for person in people]
    assert [one is not None for one in lent] == [True, True, False]


def test_nobody_gets_the_same_item_twice_whatever_for(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(1)
    world.request(items)
    world.answer(ann, world.lend(ann).id)
    world.request(items, "recheck")
    assert world.lend(ann) is None
    assert world.lend(bob).reason == "recheck"


def test_an_answer_completes_the_task_and_wakes_the_loop_when_it_was_the_last_one(world: Any) -> None:
    (ann,), items = world.people(1), world.items(2)
    world.request(items)
    assert world.answer(ann, world.lend(ann).id).done
    assert waiting_jobs(world) == []
    assert world.answer(ann, world.lend(ann).id).done
    assert len(waiting_jobs(world)) == 1
    assert world.progress().pending == 0
    assert world.miscounted() == []


def test_the_same_answer_again_is_the_same_annotation(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    assert world.answer(ann, lent.id) == world.answer(ann, lent.id)
    with pytest.raises(Conflict) as caught:
        world.answer(ann, lent.id, "dog")
    assert caught.value.code == "labelling.answered"
    assert world.progress().answers_given == 1


def test_an_answer_that_does_not_fit_the_questions_changes_nothing(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    with pytest.raises(Invalid) as caught:
        world.answer(ann, lent.id, "horse")
    assert caught.value.where[0]["question"] == "animal"
    assert world.answer(ann, lent.id, "dog").done


def test_what_belongs_to_another_cannot_be_answered(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    with pytest.raises(Conflict) as caught:
        world.answer(bob, lent.id)
    assert caught.value.code == "labelling.lease_lost"
    with pytest.raises(NotFound):
        world.answer(ann, 10**6)


def test_a_lease_that_ran_out_comes_back_to_everybody_once(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(1)
    world.request(items)
    world.lend(ann)
    assert world.lend(bob) is None
    with clock.shifted(3_600_000):
        assert world.lend(bob).item.id == items[0]
        assert world.lend(ann) is None
    assert "labelling.expired" in kinds(world, items[0])
    assert world.miscounted() == []


def test_who_let_a_lease_run_out_may_get_the_task_again(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    first = world.lend(ann)
    with clock.shifted(3_600_000):
        again = world.lend(ann)
        assert again.id == first.id
        assert world.answer(ann, again.id).done


def test_a_late_answer_counts_while_its_place_is_free(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    with clock.shifted(3_600_000):
        world.run(lambda tx: labelling.bring_back(tx, world.project_id))
        assert world.answer(ann, lent.id).done
    assert world.miscounted() == []


def test_a_late_answer_is_refused_once_the_task_was_lent_anew(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    with clock.shifted(3_600_000):
        world.lend(bob)
        with pytest.raises(Conflict) as caught:
            world.answer(ann, lent.id)
    assert caught.value.code == "labelling.lease_lost"
    assert world.miscounted() == []


def test_an_unnoticed_deadline_does_not_cost_an_answer(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    lent = world.lend(ann)
    with clock.shifted(3_600_000):
        assert world.answer(ann, lent.id).done


def test_what_one_skips_the_next_one_gets(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(1)
    world.request(items)
    world.lend(bob)  # bob is at work here too
    with clock.shifted(3_600_000):
        lent = world.lend(ann)
        world.skip(ann, lent.id)
        world.skip(ann, lent.id)  # twice is once
        assert world.lend(ann) is None
        assert world.lend(bob).item.id == items[0]
        with pytest.raises(Conflict):
            world.answer(ann, lent.id)
    assert world.miscounted() == []


def test_what_everybody_skips_is_closed_so_that_nothing_waits_for_it(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    world.skip(ann, world.lend(ann).id)
    with world.store.database.read() as tx:
        assert not labelling.pending(tx, world.project_id, "selection")
    assert kinds(world, items[0])[0] == "labelling.given_up"
    assert len(waiting_jobs(world)) == 1
    assert world.miscounted() == []


def test_undo_gives_the_last_answer_back_to_change_it(world: Any) -> None:
    (ann,), items = world.people(1), world.items(2)
    world.request(items)
    first = world.lend(ann)
    world.answer(ann, first.id, "cat")
    again = world.undo(ann)
    assert (again.id, again.answers, again.item.id) == (first.id, {"animal": "cat"}, items[0])
    assert world.progress().answers_given == 0
    assert world.miscounted() == []
    assert world.answer(ann, again.id, "dog").done
    assert world.progress().answers_given == 1
    with pytest.raises(Conflict) as caught:
        for _ in range(3):
            world.undo(ann)
    assert caught.value.code == "labelling.nothing_to_undo"


def test_undo_of_the_last_answer_opens_the_round_again(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    world.request(items)
    world.answer(ann, world.lend(ann).id)
    world.undo(ann)
    with world.store.database.read() as tx:
        assert labelling.pending(tx, world.project_id, "selection")


def test_urgent_reasons_come_first_and_a_reason_can_be_asked_for(world: Any) -> None:
    (ann,), items = world.people(1), world.items(4)
    world.request(items[:2])
    world.request(items[2:3], "review")
    world.request(items[3:], "gold")
    assert world.lend(ann, ["gold"]).reason == "gold"
    assert world.lend(ann).reason == "review"
    assert world.lend(ann).reason == "selection"
    assert world.lend(ann, ["review"]) is None


def test_a_review_tells_serving(world: Any) -> None:
    (ann,), items = world.people(1), world.items(1)
    (task,) = world.request(items, "review", details={"decision": 7})
    answered = world.answer(ann, world.lend(ann).id)
    (job,) = waiting_jobs(world, "serving.settle")
    assert (job.args, job.key) == ({"task": task}, f"serving.settle:{task}:{answered.annotation_id}")
    with world.store.database.read() as tx:
        assert labelling.task(tx, task).details == {"decision": 7}


def test_an_item_is_not_asked_about_twice_for_the_same_reason(world: Any) -> None:
    (ann,), items = world.people(1), world.items(2)
    assert len(world.request(items)) == 2
    assert world.request(items) == []
    assert len(world.request([*items, items[0]], "audit")) == 2
    world.answer(ann, world.lend(ann, ["selection"]).id)
    assert len(world.request(items)) == 1


def test_details_may_differ_from_item_to_item(world: Any) -> None:
    items = world.items(2)
    made = world.request(items, details={items[0]: {"score": 0.1}, items[1]: {"score": 0.2}})
    with world.store.database.read() as tx:
        found = labelling.tasks(tx, made)
    assert [found[one].details["score"] for one in made] == [0.1, 0.2]


def test_cancelled_tasks_are_lent_no_more_but_what_is_held_may_be_answered(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(2)
    world.request(items)
    lent = world.lend(ann)
    project = world.project
    assert world.run(lambda tx: labelling.cancel(tx, project, "selection")) == 2
    assert world.lend(bob) is None
    assert not world.answer(ann, lent.id).done
    assert world.miscounted() == []


def test_a_page_that_was_reloaded_gets_back_what_it_held(world: Any) -> None:
    (ann,), items = world.people(1), world.items(3)
    world.request(items)
    first = world.lend(ann, holding=[], hold=2)
    assert world.lend(ann, holding=[], hold=2).id == first.id
    second = world.lend(ann, holding=[first.id], hold=2)
    assert second.id != first.id
    assert world.lend(ann, holding=[first.id, second.id], hold=2) is None


def test_somebody_who_hoards_is_told_to_answer_first(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,), items = world.people(1), world.items(4)
    world.request(items)
    monkeypatch.setattr("meguri.labelling.lending.MAX_HELD", 2)
    for _ in range(2):
        world.lend(ann, hold=2)
    with pytest.raises(Conflict) as caught:
        world.lend(ann, hold=2)
    assert caught.value.code == "labelling.too_many_held"


def test_one_certain_task_can_be_asked_for(world: Any) -> None:
    (ann, bob), items = world.people(2), world.items(3)
    made = world.request(items)
    assert world.lend(ann, task_id=made[2]).item.id == items[2]
    assert world.lend(bob, task_id=made[2]) is None
    with pytest.raises(NotFound):
        world.lend(bob, task_id=10**6)


def test_a_person_who_passed_many_seen_tasks_still_meets_every_other(make_world: MakeWorld) -> None:
    world = make_world(overlap=2)
    (ann, bob), items = world.people(2), world.items(60)
    world.request(items)
    for person in (ann, bob):
        seen = []
        while (lent := world.lend(person)) is not None:
            world.answer(person, lent.id)
            seen.append(lent.item.id)
        assert seen == items
    assert world.progress().pending == 0
    assert world.miscounted() == []


@pytest.mark.parametrize("policy", ["in_order", "nearly_done_first", "shuffled"])
def test_every_task_is_reached_under_every_policy(make_world: MakeWorld, policy: str) -> None:
    world = make_world(overlap=3, assignment=policy)
    people, items = world.people(4), world.items(50)
    world.request(items)
    given: dict[int, list[int]] = {person: [] for person in people}
    busy = True
    while busy:
        busy = False
        for person in people:
            if (lent := world.lend(person)) is not None:
                world.answer(person, lent.id)
                given[person].append(lent.item.id)
                busy = True
    assert sum(map(len, given.values())) == 150
    assert all(len(seen) == len(set(seen)) for seen in given.values())
    assert world.miscounted() == []
