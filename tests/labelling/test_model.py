"""Pure rules: lanes, settings, policies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from meguri.labelling.assignment.base import Candidate, assignment_policies
from meguri.labelling.model import (
    ALL_LANES,
    REASONS,
    REVIEW,
    SELECTION,
    URGENCY,
    Pace,
    Progress,
    Settings,
    lane_of,
    lanes_of,
    overlap_of,
    reason_of,
)

candidates = st.lists(
    st.tuples(st.integers(1, 10**6), st.integers(1, 5), st.integers(0, 4)), max_size=32, unique_by=lambda row: row[0]
).map(
    lambda rows: [
        Candidate(task, task, place, overlap, min(answers, overlap - 1))
        for place, (task, overlap, answers) in enumerate(rows)
    ]
)


def test_every_reason_has_two_lanes_of_its_own() -> None:
    lanes = [lane_of(reason, returned=returned) for reason in URGENCY for returned in (True, False)]
    assert lanes == sorted(set(lanes)) == ALL_LANES
    assert all(reason_of(lane_of(reason)) == reason for reason in REASONS)


def test_urgent_work_comes_before_selection_and_returned_work_before_new() -> None:
    assert lanes_of(frozenset({SELECTION, REVIEW})) == [
        lane_of(REVIEW, returned=True),
        lane_of(REVIEW),
        lane_of(SELECTION, returned=True),
        lane_of(SELECTION),
    ]


def test_a_second_look_is_one_look() -> None:
    settings = Settings(overlap=3)
    assert (overlap_of(SELECTION, settings), overlap_of(REVIEW, settings)) == (3, 1)


@pytest.mark.parametrize("wrong", [{"overlap": 0}, {"assignment": "nobody"}, {"colour": "red"}, {"test_share": 1.0}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_progress_knows_what_is_missing_and_pace_its_median() -> None:
    assert Progress(tasks=2, pending=1, answers_wanted=4, answers_given=3).missing == 1
    assert Pace.of(3, 1, [1.0, 9.0, 2.0]).seconds_median == 2.0
    assert Pace.of(0, 0, []).seconds_median is None


@pytest.mark.parametrize("name", list(assignment_policies))
@given(given=candidates, person=st.integers(1, 9))
def test_a_policy_orders_all_candidates_and_always_the_same_way(name: str, given: list[Candidate], person: int) -> None:
    policy = assignment_policies[name]
    ordered = list(policy.order(given, person))
    assert sorted(ordered, key=lambda one: one.place) == given
    assert list(policy.order(given, person)) == ordered
    assert 0 < policy.window <= 64


def test_what_is_nearly_done_comes_first() -> None:
    rows = [Candidate(1, 1, 1, 3, 0), Candidate(2, 2, 2, 3, 2), Candidate(3, 3, 3, 1, 0)]
    assert [one.task_id for one in assignment_policies["nearly_done_first"].order(rows, 1)] == [2, 3, 1]


def test_two_people_meet_tasks_in_different_orders_when_shuffled() -> None:
    rows = [Candidate(n, n, n, 1, 0) for n in range(1, 20)]
    shuffled = assignment_policies["shuffled"]
    assert list(shuffled.order(rows, 1)) != list(shuffled.order(rows, 2))
