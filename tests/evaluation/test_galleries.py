"""Promises that every metric and every gate keeps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evaluation.gates.base import Case, discordant, gates, judge, mcnemar
from meguri.evaluation.metrics.base import Outcomes, metrics
from meguri.evaluation.model import AliasMove, calibration_of, confusion_of, kept_of, outcomes_of, stack_of
from meguri.kit.errors import Invalid
from meguri.kit.shares import wilson


def outcomes(n: int = 100, right: float = 0.9, seed: int = 0, classes: int = 4) -> Outcomes:
    """Answers of which about `right` are true, the same items for every seed."""
    truth = np.arange(n) % classes
    wrong = np.random.default_rng(seed).random(n) >= right
    said = np.where(wrong, (truth + 1) % classes, truth)
    one = np.eye(classes, dtype=bool)
    return Outcomes(one[truth], one[said], np.full(n, 0.9), tuple("abcdefgh"[:classes]))


@pytest.mark.parametrize("name", metrics)
class TestEveryMetric:
    def test_perfect_answers_get_the_best_number(self, name: str) -> None:
        perfect = outcomes(right=1)
        perfect = Outcomes(perfect.truth, perfect.answers, np.ones(len(perfect)), perfect.classes)
        assert metrics[name].measure(perfect) == pytest.approx(1.0 if metrics[name].higher_is_better else 0.0)

    def test_the_interval_holds_the_number(self, name: str) -> None:
        found = outcomes()
        low, high = metrics[name].interval(found, np.random.default_rng(0))
        assert low - 0.02 <= metrics[name].measure(found) <= high + 0.02
        assert low < high

    def test_more_items_make_the_interval_narrower(self, name: str) -> None:
        few, many = (metrics[name].interval(outcomes(n), np.random.default_rng(0)) for n in (40, 4_000))
        assert many[1] - many[0] < few[1] - few[0]

    def test_worse_answers_get_a_worse_number(self, name: str) -> None:
        good, bad = (metrics[name].measure(outcomes(400, right)) for right in (0.9, 0.4))
        assert (good > bad) == metrics[name].higher_is_better


@pytest.mark.parametrize("name", gates)
class TestEveryGate:
    def finding(self, name: str, case: Case):  # type: ignore[no-untyped-def]
        return gates[name].check(case, gates[name].Settings())

    def test_a_good_first_model_passes(self, name: str) -> None:
        found = self.finding(name, Case(outcomes()))
        assert found.passed, found.text
        assert (found.gate, found.code.split(".")[:2]) == (name, ["gate", name])
        assert found.text.endswith(".")

    def test_the_same_model_again_passes(self, name: str) -> None:
        assert self.finding(name, Case(outcomes(), outcomes(), {"half": np.arange(100) < 50})).passed

    def test_it_can_say_something_of_no_items_at_all(self, name: str) -> None:
        nothing = Outcomes(np.zeros((0, 2), bool), np.zeros((0, 2), bool), np.zeros(0), ("a", "b"))
        assert self.finding(name, Case(nothing, nothing)).text

    def test_it_can_be_turned_off(self, name: str) -> None:
        assert name not in {finding.gate for finding in judge(Case(outcomes()), {name: {"on": False}})}

    def test_a_setting_it_does_not_know_is_refused(self, name: str) -> None:
        with pytest.raises(Invalid):
            judge(Case(outcomes()), {name: {"no_such": 1}})


def failed(case: Case, **settings: dict[str, object]) -> dict[str, str]:
    return {finding.gate: finding.code for finding in judge(case, settings) if not finding.passed}


def test_too_few_labels_say_how_many_more_are_needed() -> None:
    found = next(one for one in judge(Case(outcomes(38), min_test_labels=50)) if one.gate == "enough_labels")
    assert (found.passed, found.params["more"]) == (False, 12)
    assert "12 more" in found.text


def test_a_model_no_better_than_the_most_common_answer_is_refused() -> None:
    truth = np.eye(2, dtype=bool)[(np.arange(100) < 20).astype(int)]
    always = np.tile([True, False], (100, 1))
    assert failed(Case(Outcomes(truth, always, np.ones(100), ("a", "b")))) == {"minimum": "gate.minimum.common"}
    assert failed(Case(outcomes()), minimum={"accuracy": 0.99}) == {"minimum": "gate.minimum.below"}


def test_a_clearly_worse_model_is_refused() -> None:
    assert failed(Case(outcomes(300, 0.7), outcomes(300, 0.95, 1)))["not_worse"] == "gate.not_worse.worse"


def test_on_few_items_a_margin_stands_in_for_proof() -> None:
    champion = outcomes(60, 1)
    answers = champion.answers.copy()
    answers[:3] = np.roll(answers[:3], 1, axis=1)
    worse = Outcomes(champion.truth, answers, champion.scores, champion.classes)
    assert failed(Case(worse, champion))["not_worse"] == "gate.not_worse.beyond_margin"
    assert not failed(Case(worse, champion), not_worse={"margin": 0.1})


def test_a_slice_may_not_pay_for_the_rest() -> None:
    champion = outcomes(400, 0.8)
    answers = champion.truth.copy()
    answers[:30] = np.roll(answers[:30], 1, axis=1)
    better = Outcomes(champion.truth, answers, champion.scores, champion.classes)
    shop = np.arange(400) < 40
    assert better.right.mean() > champion.right.mean()
    assert failed(Case(better, champion, {"from=shop": shop})) == {"slices": "gate.slices.worse"}


def test_mcnemar_is_the_exact_sign_test() -> None:
    assert mcnemar(0, 5) == 1
    assert mcnemar(5, 0) == pytest.approx(1 / 32)
    assert mcnemar(8, 2) == pytest.approx(sum(math.comb(10, k) for k in (8, 9, 10)) / 2**10)
    assert mcnemar(3_000, 3_000) == pytest.approx(0.505, abs=0.01)


def test_discordant_pairs_are_counted_within_the_mask() -> None:
    a, b = outcomes(100, 0.9, 0), outcomes(100, 0.7, 1)
    lost, won = discordant(a, b)
    halves = [discordant(a, b, mask) for mask in (np.arange(100) < 50, np.arange(100) >= 50)]
    assert (sum(x for x, _ in halves), sum(y for _, y in halves)) == (lost, won)
    assert won - lost == a.right.sum() - b.right.sum()


@given(part=st.integers(0, 200), more=st.integers(0, 200))
def test_wilson_holds_the_share_and_stays_within_bounds(part: int, more: int) -> None:
    low, high = wilson(part, part + more)
    assert 0 <= low <= high <= 1
    if part + more:
        assert low <= part / (part + more) <= high


def test_outcomes_survive_being_kept() -> None:
    given = outcomes(20)
    back = outcomes_of(kept_of(given, range(20)))
    assert (back.truth == given.truth).all()
    assert (back.answers == given.answers).all()


def test_confusion_and_calibration_count_every_item_once() -> None:
    given = outcomes(100)
    assert np.sum(confusion_of(given)["matrix"]) == 100
    assert sum(band["items"] for band in calibration_of(given)) == 100


def move(kind: str, model: int) -> AliasMove:
    return AliasMove(0, 1, "champion", model, kind, "system", "", 0)


def test_rollback_goes_back_through_promotions() -> None:
    moves = [move("promote", 1), move("promote", 2), move("promote", 3), move("rollback", 2)]
    assert stack_of(moves) == [1, 2]
    assert stack_of([*moves, move("rollback", 1)]) == [1]
    assert stack_of([*moves, move("promote", 5)]) == [1, 2, 5]
