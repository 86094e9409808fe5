"""Promises that every aggregator keeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.quality.aggregators.base import Votes, aggregators

Rows = list[tuple[int, int, int]]


def votes(rows: Rows, known: dict[int, int] | None = None, tasks: int = 5, workers: int = 4, classes: int = 3) -> Votes:
    task, worker, label = np.array(rows, np.int64).reshape(-1, 3).T
    truth = np.full(tasks, -1)
    for place, value in (known or {}).items():
        truth[place] = value
    return Votes(task, worker, label, tasks, workers, classes, truth if known else None)


answers = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)), max_size=40)


@pytest.mark.parametrize("name", aggregators)
class TestEveryAggregator:
    @given(rows=answers)
    @settings(max_examples=40, deadline=None)
    def test_rows_are_probabilities(self, name: str, rows: Rows) -> None:
        agreed = aggregators[name].aggregate(votes(rows))
        np.testing.assert_allclose(agreed.probabilities.sum(axis=1), 1)
        assert agreed.probabilities.min() >= 0
        assert ((agreed.skills >= 0) & (agreed.skills <= 1)).all()

    @given(rows=answers, seed=st.integers(0, 9))
    @settings(max_examples=25, deadline=None)
    def test_the_order_of_answers_does_not_matter(self, name: str, rows: Rows, seed: int) -> None:
        shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
        first, second = (aggregators[name].aggregate(votes(given)).probabilities for given in (rows, shuffled))
        np.testing.assert_allclose(first, second, atol=1e-6)

    def test_equal_answers_give_that_answer(self, name: str) -> None:
        rows = [(task, worker, task % 3) for task in range(5) for worker in range(4)]
        agreed = aggregators[name].aggregate(votes(rows))
        assert agreed.labels().tolist() == [0, 1, 2, 0, 1]
        assert agreed.probabilities.max(axis=1).min() > 0.9

    def test_what_is_known_stays_known(self, name: str) -> None:
        rows = [(0, worker, 1) for worker in range(4)]
        agreed = aggregators[name].aggregate(votes(rows, {0: 2}))
        assert agreed.probabilities[0].tolist() == [0, 0, 1]

    def test_somebody_who_clicks_at_random_is_found_out(self, name: str) -> None:
        rng = np.random.default_rng(0)
        truth = rng.integers(0, 3, 60)
        rows = [
            (t, w, int(truth[t]) if w < 3 and rng.random() < 0.9 else int(rng.integers(0, 3)))
            for t in range(60)
            for w in range(4)
        ]
        agreed = aggregators[name].aggregate(votes(rows, tasks=60))
        assert agreed.skills[3] < agreed.skills[:3].min() - 0.2
        assert (agreed.labels() == truth).mean() > 0.9


def test_a_tie_is_shared_and_favours_no_label() -> None:
    rows = [(task, worker, worker) for task in range(200) for worker in range(2)]
    agreed = aggregators["majority"].aggregate(votes(rows, tasks=200))
    assert agreed.probabilities[0].tolist() == [0.5, 0.5, 0]
    assert 60 < agreed.labels().sum() < 140


def test_weighing_people_beats_counting_heads() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 400)
    right = [0.95, 0.9, 0.55, 0.55, 0.55]
    rows = [(t, w, int(truth[t] if rng.random() < right[w] else 1 - truth[t])) for t in range(400) for w in range(5)]
    given = votes(rows, tasks=400, workers=5, classes=2)
    heads, weighed = (
        (aggregators[name].aggregate(given).labels() == truth).mean() for name in ("majority", "dawid_skene")
    )
    assert weighed > heads + 0.03
