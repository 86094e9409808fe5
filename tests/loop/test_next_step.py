"""What the loop does next: small worlds played through to their end, and promises that hold for every set of facts."""

from dataclasses import fields, replace
from itertools import product
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.loop.model import REASONS, STEPS, Facts, Step, Why, next_step, reason_text

count = st.integers(0, 60)
maybe = st.none() | st.integers(1, 9)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    drawn = Facts(
        batch=draw(st.integers(1, 30)),
        budget=draw(st.none() | st.integers(0, 100)),
        min_test_labels=draw(st.integers(0, 40)),
        overlap=draw(st.integers(1, 4)),
        people=draw(st.integers(0, 4)),
        confirm_promotion=draw(st.booleans()),
        items=draw(count),
        pool=draw(count),
        test_pool=draw(count),
        round=draw(st.integers(0, 5)),
        pending=draw(st.just(0) | count),
        answers_given=draw(count),
        answers_wanted=draw(count),
        bought=draw(count),
        unread=draw(st.just(0) | count),
        labels=draw(count),
        classes=draw(st.integers(0, 4)),
        test_labels=draw(count),
        fresh=draw(st.just(0) | count),
        model=draw(maybe),
        number=draw(st.integers(0, 9)),
        learnt_round=draw(st.integers(0, 5)),
        problem=draw(st.none() | st.just(Why("learning.too_few", "Too few."))),
        measured_on=draw(st.none() | count),
        passed=draw(st.none() | st.booleans()),
        acted=draw(st.booleans()),
        champion=draw(maybe),
        calibrated=draw(st.booleans()),
        stopping=draw(st.none() | st.just(Why("stopping.stable", "Stable."))),
    )
    return replace(drawn, unread_reviews=draw(st.integers(0, drawn.unread)))


def after(facts: Facts, step: Step, *, passes: bool = True, trains: bool = True, classes: int = 2) -> Facts:
    """The facts once the step is done and nobody else did anything."""
    if step.name == "select":
        chosen, verify = step.params["count"], step.params["verify"]
        return replace(
            facts,
            round=max(facts.round, facts.learnt_round) + 1,
            pool=facts.pool - chosen,
            test_pool=facts.test_pool - verify,
            bought=facts.bought + chosen,
            pending=chosen + verify,
            answers_given=0,
            answers_wanted=chosen + verify,
        )
    if step.name == "collect":
        asked = step.params["count"]
        turn = max(facts.round, facts.learnt_round) + 1
        return replace(facts, round=turn, test_pool=facts.test_pool - asked, pending=asked, answers_wanted=asked)
    if step.name == "aggregate":
        read = facts.unread
        return replace(
            facts,
            unread=0,
            unread_reviews=0,
            labels=facts.labels + read,
            fresh=facts.fresh + read,
            classes=max(facts.classes, classes) if read else facts.classes,
        )
    if step.name == "train":
        turn = max(facts.round, facts.learnt_round + 1)
        if not trains:
            return replace(facts, fresh=0, learnt_round=turn, problem=Why("learning.failed", "Failed."))
        number = facts.number + 1
        return replace(
            facts, fresh=0, learnt_round=turn, problem=None, model=100 + number, number=number,
            measured_on=None, passed=None, acted=False,
        )  # fmt: skip
    if step.name == "evaluate":
        enough = facts.test_labels >= facts.min_test_labels
        return replace(facts, measured_on=facts.test_labels, passed=passes and enough)
    if step.name == "promote":
        return replace(facts, champion=facts.model, acted=True, calibrated=False)
    assert step.name == "recalibrate"
    return replace(facts, calibrated=True)


@given(any_facts())
@settings(max_examples=500)
def test_every_set_of_facts_has_exactly_one_answer_with_a_reason_in_words(facts: Facts) -> None:
    step = next_step(facts)
    assert step == next_step(replace(facts))
    assert step.name in STEPS
    assert step.code.startswith(f"loop.{step.name}.")
    assert "{" not in reason_text(step)


@given(any_facts())
@settings(max_examples=500)
def test_it_never_trains_without_new_labels_of_two_classes(facts: Facts) -> None:
    if next_step(facts).name == "train":
        assert facts.fresh > 0
        assert facts.classes >= 2


@given(any_facts())
@settings(max_examples=500)
def test_it_never_asks_for_labels_while_a_round_is_pending_nor_beyond_pool_and_budget(facts: Facts) -> None:
    step = next_step(facts)
    if step.name not in ("select", "collect"):
        return
    assert facts.pending == 0
    assert facts.unread == 0, "what was answered already would be asked again"
    assert step.params["count"] >= 1
    if step.name == "collect":
        assert step.params["count"] <= facts.test_pool
        return
    assert step.params["count"] <= min(facts.pool, facts.batch)
    assert step.params["verify"] <= facts.test_pool
    if facts.budget is not None:
        assert facts.bought + step.params["count"] <= facts.budget


@given(any_facts())
@settings(max_examples=500)
def test_only_a_measured_model_that_passed_is_promoted_and_only_once(facts: Facts) -> None:
    if next_step(facts).name == "promote":
        assert facts.passed
        assert facts.measured_on is not None
        assert not facts.acted
        assert not facts.confirm_promotion
        assert facts.model != facts.champion


@given(any_facts(), st.booleans(), st.booleans(), st.integers(0, 3))
@settings(max_examples=500)
def test_without_new_facts_it_always_comes_to_rest(facts: Facts, passes: bool, trains: bool, classes: int) -> None:
    steps = []
    for _ in range(12):
        step = next_step(facts)
        if step.rests:
            return
        steps.append(step.name)
        facts = after(facts, step, passes=passes, trains=trains, classes=classes)
    pytest.fail(f"still going after {steps}")


def test_a_grid_of_small_worlds_always_comes_to_rest() -> None:
    choices = {
        "pool": (0, 3),
        "test_pool": (0, 1),
        "items": (3,),
        "pending": (0, 1),
        "unread": (0, 1),
        "classes": (1, 2),
        "fresh": (0, 2),
        "model": (None, 1),
        "measured_on": (None, 0, 2),
        "passed": (None, False, True),
        "champion": (None, 1, 2),
        "calibrated": (False, True),
        "budget": (None, 0),
        "round": (0, 1),
    }
    names = list(choices)
    for values in product(*choices.values()):
        facts = Facts(batch=2, min_test_labels=1, **dict(zip(names, values, strict=True)))
        step = next_step(facts)
        for _ in range(12):
            if step.rests:
                break
            facts = after(facts, step)
            step = next_step(facts)
        assert step.rests, (values, step)


def answered(facts: Facts) -> Facts:
    """Everybody has answered what was asked."""
    verify = facts.pending - min(facts.pending, facts.batch)
    return replace(
        facts,
        pending=0,
        answers_given=facts.answers_wanted,
        unread=facts.unread + facts.pending,
        test_labels=facts.test_labels + verify,
    )


def test_a_whole_project_goes_round_until_its_pool_is_empty() -> None:
    facts = Facts(batch=10, min_test_labels=8, items=50, pool=35, test_pool=15)
    told: list[str] = []
    while True:
        step = next_step(facts)
        told.append(step.code)
        assert len(told) < 100
        if step.name == "stop":
            break
        facts = answered(facts) if step.name == "wait" else after(facts, step)
    assert told[:7] == [
        "loop.select.first",
        "loop.wait.answers",
        "loop.aggregate.answers",
        "loop.train.first",
        "loop.evaluate.model",
        "loop.select.refused",  # five locked labels are too few
        "loop.wait.answers",
    ]
    assert told[-1] == "loop.stop.pool_empty"
    assert told.count("loop.promote.passed") == 3
    assert facts.pool == 0


RUNNING = Facts(
    batch=10, min_test_labels=5, items=100, pool=50, test_labels=10, labels=20, classes=3, round=2, learnt_round=2,
    model=2, number=2, measured_on=10, passed=True, acted=True, champion=2,
)  # fmt: skip


def test_reviews_from_production_are_learnt_from_while_a_round_waits_and_after_the_loop_stopped() -> None:
    waiting = replace(RUNNING, pending=4, answers_given=6, answers_wanted=10)
    stopped = replace(RUNNING, pool=0)
    for facts in (waiting, stopped):
        rest = next_step(facts)
        assert rest.rests
        few = replace(facts, unread=4, unread_reviews=4)
        assert next_step(few) == rest, "a few are left until there are more"
        many = replace(facts, unread=5, unread_reviews=5)
        assert next_step(many).name == "aggregate"
        assert next_step(after(many, next_step(many))).code == "loop.train.reviews"


def test_a_promotion_waits_for_an_engineer_where_the_project_says_so() -> None:
    facts = replace(RUNNING, model=3, number=3, acted=False, confirm_promotion=True)
    assert next_step(facts) == Step("wait", "loop.wait.confirm", {"number": 3, "model": 3})
    assert next_step(replace(facts, confirm_promotion=False)).name == "promote"


def test_a_model_that_was_rolled_back_is_not_promoted_again() -> None:
    assert next_step(replace(RUNNING, model=3, number=3, acted=True, champion=2)).name == "select"


def test_a_refused_challenger_says_why_and_more_is_labelled() -> None:
    step = next_step(
        replace(RUNNING, model=3, number=3, passed=False, acted=False, refusal=Why("not_worse", "It is worse."))
    )
    assert step.code == "loop.select.refused"
    assert step.params["refusal"] == "not_worse"
    assert "model 3: It is worse." in reason_text(step)


def test_a_model_refused_for_too_few_locked_labels_is_measured_again_once_there_are_enough() -> None:
    facts = replace(RUNNING, model=3, passed=False, acted=False, measured_on=2, test_labels=5, pool=0)
    assert next_step(facts).code == "loop.evaluate.again"
    assert next_step(after(facts, next_step(facts))).name == "promote"


def test_one_class_only_asks_for_more_labels_instead_of_training() -> None:
    facts = Facts(items=50, pool=30, labels=5, fresh=5, classes=1, round=1)
    assert next_step(facts).code == "loop.select.one_class"
    assert next_step(replace(facts, pool=0)).code == "loop.stop.one_class"


def test_failed_training_says_why_and_labelling_goes_on() -> None:
    facts = Facts(items=50, pool=30, labels=9, classes=2, round=1, learnt_round=1, problem=Why("learning.few", "Few."))
    assert next_step(facts).code == "loop.select.problem"


def test_a_used_up_budget_stops_it_but_not_before_the_locked_split_can_judge() -> None:
    facts = replace(RUNNING, budget=30, bought=30, test_labels=2, test_pool=20)
    assert next_step(facts) == Step("collect", "loop.collect.verify", {"count": 3, "wanted": 5, "have": 2})
    assert next_step(replace(facts, test_labels=5)).code == "loop.stop.budget"
    assert next_step(replace(facts, test_labels=5, budget=31)).params["count"] == 1, "a raised budget goes on"


def test_where_too_few_people_are_here_it_says_so_once_they_have_answered_all_they_may() -> None:
    facts = replace(RUNNING, pending=10, answers_wanted=30, overlap=3, people=2)
    assert next_step(replace(facts, answers_given=19)).code == "loop.wait.answers"
    assert next_step(replace(facts, answers_given=20)).code == "loop.wait.people"
    assert next_step(replace(facts, answers_given=20, people=3)).code == "loop.wait.answers"


def test_labels_that_came_with_the_data_are_learnt_from_before_anybody_is_asked() -> None:
    facts = Facts(items=50, pool=20, test_labels=10, unread=30)
    assert next_step(facts).name == "aggregate"
    assert next_step(after(facts, next_step(facts))).code == "loop.train.first"


def test_every_reason_names_only_what_its_step_tells() -> None:
    told = {code: {name for _, name, _, _ in Formatter().parse(text) if name} for code, text in REASONS.items()}
    assert all(code.split(".")[1] in STEPS for code in told)
    assert {code.split(".")[1] for code in told} == set(STEPS)
    assert told["loop.wait.confirm"] == {"number"}
    assert {f.name for f in fields(Facts)} >= {"pool", "fresh", "unread"}
