"""Every routing policy keeps the gallery's promises, and the threshold does what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.serving.policies.base import ABSTAIN, AUTOMATE, DECISIONS, REVIEW, Limits, operating_point, policies, route

scores = st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=40)
limits = st.builds(Limits, threshold=st.floats(0, 1))


@pytest.mark.parametrize("name", policies)
@given(given_scores=scores, given_limits=limits)
def test_a_policy_gives_each_output_one_decision_and_the_same_one_again(
    name: str, given_scores: list[float], given_limits: Limits
) -> None:
    decided = route(name, given_scores, given_limits)
    assert decided.shape == (len(given_scores),)
    assert set(decided) <= set(DECISIONS)
    assert (decided == route(name, given_scores, given_limits)).all()


@pytest.mark.parametrize("name", policies)
@given(given_scores=scores, given_limits=limits)
def test_a_better_score_is_never_trusted_less(name: str, given_scores: list[float], given_limits: Limits) -> None:
    known = sorted(score for score in given_scores if score == score)
    decided = list(route(name, known, given_limits))
    assert decided == sorted(decided, key=lambda one: one == AUTOMATE)


@pytest.mark.parametrize("name", policies)
def test_an_output_without_an_answer_is_never_sent_out(name: str) -> None:
    assert list(route(name, [float("nan"), 0.99], Limits(0.0))) == [ABSTAIN, AUTOMATE]


def test_the_threshold_itself_is_automated() -> None:
    assert list(route("threshold", [0.89, 0.9, 1.0], Limits(0.9))) == [REVIEW, AUTOMATE, AUTOMATE]


def test_the_operating_point_counts_what_went_out_and_what_of_it_was_wrong() -> None:
    decided = route("threshold", [0.95, 0.95, 0.99, 0.2], Limits(0.9))
    point = operating_point(decided, [True, False, True, False])
    assert (point.outputs, point.automated, point.errors) == (4, 3, 1)
    assert point.share == 0.75
    assert point.error == pytest.approx(1 / 3)
    assert 0.0 < point.error_low < 1 / 3 < point.error_high < 1.0


def test_nothing_automated_has_no_error_and_says_so() -> None:
    point = operating_point(route("threshold", [0.1], Limits(0.9)), [False])
    assert point.error is None
    assert (point.error_low, point.error_high) == (0.0, 1.0)
    assert operating_point(np.array([], dtype=str), []).share == 0.0
