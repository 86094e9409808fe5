"""Promises that every member of learning's galleries keeps."""

import numpy as np
import pytest

from meguri.kit.errors import Invalid
from meguri.learning.features.base import extractor_for, extractors
from meguri.learning.geometry import vectors
from meguri.learning.models.base import Training, models, pack, unpack
from meguri.learning.selection.auto import RANDOM_SHARE
from meguri.learning.selection.base import Pool, strategies
from meguri.learning.stopping.base import History, kappa, stopping_criteria


def dense(features: object) -> np.ndarray:
    return features if isinstance(features, np.ndarray) else features.toarray()  # type: ignore[attr-defined]


def blobs(n: int, classes: int, seed: int = 0, spread: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """Points around one centre a class, and their classes."""
    centres = np.random.default_rng(99).standard_normal((classes, 12)).astype(np.float32)
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    return centres[labels] + spread * rng.standard_normal((n, 12)).astype(np.float32), labels


def lesson(n: int = 60, classes: int = 3, multiple: bool = False, sparse: bool = False, **more: object) -> Training:
    from scipy.sparse import csr_matrix

    points, labels = blobs(n, classes)
    targets = np.eye(classes, dtype=bool)[labels]
    if multiple:
        targets = targets | np.eye(classes, dtype=bool)[(labels + 1) % classes]
    features = csr_matrix(np.maximum(points, 0)) if sparse else points
    names = tuple("abcdefgh"[:classes])
    return Training(features, targets, names, multiple, np.ones(n), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", extractors)
class TestEveryExtractor:
    def test_a_row_depends_on_its_content_alone(self, name: str) -> None:
        extractor = extractors[name]
        contents = list(extractor.example())
        together = dense(extractor.extract(contents))
        alone = np.concatenate([dense(extractor.extract([content])) for content in contents])
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_rows_are_finite_and_no_longer_than_one(self, name: str) -> None:
        rows = dense(extractors[name].extract(extractors[name].example()))
        assert rows.dtype == np.float32
        assert np.isfinite(rows).all()
        assert np.linalg.norm(rows, axis=1).max() <= 1 + 1e-4

    def test_different_contents_have_different_rows(self, name: str) -> None:
        rows = dense(extractors[name].extract(extractors[name].example()))
        assert len(np.unique(rows.round(5), axis=0)) == len(rows)

    def test_nothing_in_gives_no_rows(self, name: str) -> None:
        rows = extractors[name].extract([])
        assert rows.shape == (0, extractors[name].extract(extractors[name].example()).shape[1])

    def test_it_is_found_by_its_modality(self, name: str) -> None:
        for modality in extractors[name].modalities:
            assert modality in extractor_for("auto", modality).modalities


@pytest.mark.parametrize("name", models)
@pytest.mark.parametrize("multiple", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
class TestEveryModel:
    def test_it_learns_what_can_be_learnt(self, name: str, multiple: bool, sparse: bool) -> None:
        given = lesson(multiple=multiple, sparse=sparse)
        shares = models[name].fit(given, np.random.default_rng(0)).predict(given.features)
        assert ((shares > 0.5) == given.targets).all(axis=1).mean() > 0.9

    def test_what_was_saved_predicts_the_same(self, name: str, multiple: bool, sparse: bool) -> None:
        given = lesson(multiple=multiple, sparse=sparse)
        fitted = models[name].fit(given, np.random.default_rng(0))
        loaded = models[name].load(fitted.save())
        assert (loaded.classes, loaded.multiple, loaded.card) == (fitted.classes, fitted.multiple, fitted.card)
        np.testing.assert_allclose(loaded.predict(given.features), fitted.predict(given.features), atol=2e-3)

    def test_the_same_seed_gives_the_same_bytes(self, name: str, multiple: bool, sparse: bool) -> None:
        made = [models[name].fit(lesson(multiple=multiple, sparse=sparse), np.random.default_rng(7)) for _ in range(2)]
        assert made[0].save() == made[1].save()

    def test_probabilities_are_probabilities(self, name: str, multiple: bool, sparse: bool) -> None:
        given = lesson(multiple=multiple, sparse=sparse)
        shares = models[name].fit(given, np.random.default_rng(0)).predict(given.features)
        assert shares.min() >= 0
        assert shares.max() <= 1
        if not multiple:
            np.testing.assert_allclose(shares.sum(axis=1), 1)


@pytest.mark.parametrize("name", models)
class TestEveryModelOnAwkwardLabels:
    def test_one_class_alone_cannot_be_learnt_and_it_says_so(self, name: str) -> None:
        given = lesson()
        only = np.zeros_like(given.targets)
        only[:, 0] = True
        with pytest.raises(Invalid) as refused:
            models[name].fit(
                Training(given.features, only, given.classes, False, given.weights), np.random.default_rng(0)
            )
        assert refused.value.code == "learning.too_few_classes"

    @pytest.mark.parametrize("n", [2, 3, 5])
    def test_a_handful_of_labels_is_enough_to_start(self, name: str, n: int) -> None:
        points, _ = blobs(n, 2)
        targets = np.eye(4, dtype=bool)[np.arange(n) % 2]
        given = Training(points, targets, tuple("abcd"), False, np.ones(n))
        shares = models[name].fit(given, np.random.default_rng(0)).predict(points)
        assert np.isfinite(shares).all()
        assert (shares[:, 2:] > 0).all(), "an answer nobody gave yet stays possible"

    def test_a_rare_answer_is_still_given(self, name: str) -> None:
        points, labels = blobs(400, 2, spread=0.6)
        rare = np.concatenate([np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[:12]])
        given = Training(
            points[rare], np.eye(2, dtype=bool)[labels[rare]], ("often", "rarely"), False, np.ones(len(rare))
        )
        fitted = models[name].fit(given, np.random.default_rng(0))
        fresh, truth = blobs(400, 2, seed=5, spread=0.6)
        assert (fitted.predict(fresh).argmax(axis=1) == 1)[truth == 1].mean() > 0.5

    def test_labels_that_are_not_trusted_are_not_learnt(self, name: str) -> None:
        given = lesson(90)
        wrong = np.arange(90) % 3 == 0
        targets = given.targets.copy()
        targets[wrong] = np.roll(targets[wrong], 1, axis=1)
        weights = np.where(wrong, 0.0, 1.0)
        training = Training(given.features, targets, given.classes, False, weights)
        shares = models[name].fit(training, np.random.default_rng(0)).predict(given.features)
        assert (shares.argmax(axis=1) == given.targets.argmax(axis=1)).mean() > 0.9


def test_an_artefact_with_objects_inside_is_refused() -> None:
    artefact = pack({}, {})
    assert unpack(artefact) == ({}, {})
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({}, {"x": np.array([object()])})


def pool(n: int = 200, labelled: int = 30, classes: int = 4, model: bool = True, multiple: bool = False) -> Pool:
    points, _ = blobs(n, classes)
    known, labels = blobs(labelled, classes, seed=1)
    shares = np.random.default_rng(2).dirichlet(np.ones(classes), n) if model else None
    return Pool(points, known, np.eye(classes, dtype=bool)[labels], shares, multiple)


@pytest.mark.parametrize("name", strategies)
class TestEveryStrategy:
    @pytest.mark.parametrize("n", [0, 1, 7, 50, 500])
    @pytest.mark.parametrize("model", [True, False])
    @pytest.mark.parametrize("labelled", [0, 30])
    def test_it_picks_n_different_items_or_all(self, name: str, n: int, model: bool, labelled: int) -> None:
        seen = pool(labelled=labelled, model=model)
        picks = strategies[name].select(seen, n, np.random.default_rng(0))
        assert len(set(picks.places.tolist())) == len(picks.places) == min(n, len(seen))
        assert len(picks.scores) == len(picks.strategies) == len(picks.probabilities) == len(picks.places)

    def test_the_same_generator_gives_the_same_picks(self, name: str) -> None:
        picks = [strategies[name].select(pool(), 20, np.random.default_rng(3)).places.tolist() for _ in range(2)]
        assert picks[0] == picks[1]

    def test_equal_items_are_no_stumbling_block(self, name: str) -> None:
        same = Pool(
            np.ones((30, 4), np.float32), np.ones((3, 4), np.float32), np.eye(3, dtype=bool), np.full((30, 3), 1 / 3)
        )
        assert len(strategies[name].select(same, 10, np.random.default_rng(0)).places) == 10

    def test_a_tiny_pool_is_taken_whole(self, name: str) -> None:
        for size in (1, 2, 3):
            seen = pool(size, labelled=4)
            assert sorted(strategies[name].select(seen, 9, np.random.default_rng(0)).places) == list(range(size))

    def test_several_answers_at_once_are_understood(self, name: str) -> None:
        assert len(strategies[name].select(pool(multiple=True), 10, np.random.default_rng(0)).places) == 10


def test_a_share_is_drawn_uniformly_and_its_probability_recorded() -> None:
    picks = strategies["auto"].select(pool(200), 50, np.random.default_rng(0))
    drawn = [i for i, name in enumerate(picks.strategies) if name == "random"]
    assert len(drawn) == round(RANDOM_SHARE * 50)
    assert picks.probabilities[drawn].tolist() == [len(drawn) / 200] * len(drawn)
    assert np.isnan(np.delete(picks.probabilities, drawn)).all()


def test_doubt_takes_over_from_typicality_when_every_class_has_labels() -> None:
    def mostly(seen: Pool) -> str:
        picks = strategies["auto"].select(seen, 20, np.random.default_rng(0))
        return picks.strategies[0]

    assert mostly(pool(labelled=0, model=False)) == "typical"
    assert mostly(pool(labelled=3)) == "typical"
    assert mostly(pool(labelled=30)) == "cluster_margin"


def test_the_most_doubtful_items_are_picked() -> None:
    seen = pool()
    picks = strategies["margin"].select(seen, 10, np.random.default_rng(0))
    assert set(picks.places) == set(np.argsort(seen.margins)[:10])


def test_typical_items_cover_every_group_first() -> None:
    points, labels = blobs(400, 8, spread=0.1)
    seen = Pool(points, points[:0], np.zeros((0, 8), bool))
    picks = strategies["typical"].select(seen, 8, np.random.default_rng(0))
    assert len(set(labels[picks.places])) == 8


def test_sparse_features_get_few_dimensions_that_keep_neighbours() -> None:
    texts = ["the cat sat on the mat"] * 2 + [
        "the cat sat on a mat",
        "stocks fell sharply today",
        "stocks fell again today",
    ]
    placed = vectors(extractors["text_ngrams"].extract(texts * 4), np.random.default_rng(0))
    unit = placed / np.linalg.norm(placed, axis=1, keepdims=True)
    alike = unit @ unit.T
    assert alike[0, 1] > 0.999
    assert alike[0, 2] > alike[0, 3]
    assert alike[3, 4] > alike[0, 3]


@pytest.mark.parametrize("name", stopping_criteria)
class TestEveryStoppingCriterion:
    def test_it_goes_on_at_first(self, name: str) -> None:
        assert stopping_criteria[name].done(History(10, 100, 500)) is None

    def test_it_stops_when_the_budget_is_spent(self, name: str) -> None:
        reason = stopping_criteria[name].done(History(100, 100, 500))
        assert reason is not None
        assert reason.code == "stopping.budget"

    def test_it_stops_when_nothing_is_left(self, name: str) -> None:
        assert stopping_criteria[name].done(History(10, None, 0)) is not None


def test_stable_predictions_stop_and_unstable_ones_do_not() -> None:
    stable = stopping_criteria["stable_predictions"]
    assert stable.done(History(50, None, 500, (0.5, 0.995, 0.992, 0.999))) is not None
    assert stable.done(History(50, None, 500, (0.999, 0.999))) is None
    assert stable.done(History(50, None, 500, (0.995, 0.95, 0.999))) is None


def test_kappa_is_one_for_equal_lists_and_zero_for_chance() -> None:
    a = np.array([0, 1, 2, 0, 1, 2])
    assert kappa(a, a) == 1
    assert kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(0)


def test_text_is_read_alike_whatever_its_width_and_case() -> None:
    rows = dense(extractors["text_ngrams"].extract(["ＡＢＣ　カタカナ", "abc ｶﾀｶﾅ"]))
    np.testing.assert_allclose(rows[0], rows[1])


def test_handwritten_digits_are_told_apart() -> None:
    from tests.learning.digits import pngs

    images, labels = zip(*pngs(), strict=True)
    features = extractors["image_hog"].extract(images)
    truth = np.array([int(label) for label in labels])
    order = np.random.default_rng(0).permutation(len(truth))
    test, train = order[:360], order[360:]
    names = tuple(str(digit) for digit in range(10))
    training = Training(features[train], np.eye(10, dtype=bool)[truth[train]], names, False, np.ones(len(train)))
    fitted = models["linear"].fit(training, np.random.default_rng(0))
    assert (fitted.predict(features[test]).argmax(axis=1) == truth[test]).mean() >= 0.97


@pytest.mark.parametrize("content", [b"", b"no picture", "text"])
def test_what_is_no_picture_is_refused_in_words(content: bytes | str) -> None:
    with pytest.raises(Invalid) as refused:
        extractors["image_hog"].extract([content])
    assert refused.value.code == "learning.not_an_image"
