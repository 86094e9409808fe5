"""What every annotation type promises, and what each of ours does besides."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from meguri.annotation.types.base import AnnotationType, annotation_types

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "add-an-annotation-type.md"


def documented() -> AnnotationType[Any]:
    """The type that the how-to page makes, taken out of the gallery again."""
    (code,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.S)
    list(annotation_types)
    exec(compile(code, str(HOW_TO), "exec"), {"__name__": "rating"})
    return annotation_types._members.pop("rating")


KINDS = [*annotation_types.values(), documented()]
ALL = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def parsed(kind: AnnotationType[Any]) -> Any:
    return kind.Config.model_validate(kind.example().config)


@ALL
def test_the_example_is_legal_and_already_in_normal_form(kind: AnnotationType[Any]) -> None:
    config, values = parsed(kind), kind.example().values
    assert len(values) >= 2
    assert [kind.validate(config, value) for value in values] == list(values)
    assert json.loads(json.dumps(values)) == list(values)


@ALL
def test_an_answer_is_like_itself_and_likeness_is_mutual(kind: AnnotationType[Any]) -> None:
    config, values = parsed(kind), kind.example().values
    for a in values:
        assert kind.similarity(config, a, a) == 1.0
        for b in values:
            assert 0.0 <= kind.similarity(config, a, b) == kind.similarity(config, b, a) <= 1.0


@ALL
def test_equal_answers_merge_to_that_answer_with_certainty(kind: AnnotationType[Any]) -> None:
    config = parsed(kind)
    for value in kind.example().values:
        assert kind.merge(config, [value] * 3, [1.0, 2.0, 0.5]) == (value, pytest.approx(1.0))


@ALL
def test_the_heavier_side_wins_a_merge(kind: AnnotationType[Any]) -> None:
    config = parsed(kind)
    a, b = kind.example().values[:2]
    merged, confidence = kind.merge(config, [a, b, a], [1.0, 0.4, 1.0])
    assert merged == a
    assert 0.0 <= confidence <= 1.0
    assert kind.merge(config, [b, a], [5.0, 1.0])[0] == b


@ALL
def test_nonsense_is_refused_in_words(kind: AnnotationType[Any]) -> None:
    for value in (None, 17.5, {"x": 1}, "no such thing", ["no such thing"]):
        with pytest.raises(ValueError, match=r"\w"):
            kind.validate(parsed(kind), value)


@ALL
def test_schemas_can_be_drawn_as_forms(kind: AnnotationType[Any]) -> None:
    assert kind.Config.model_json_schema()["type"] == "object"
    assert TypeAdapter(kind.Value).json_schema()
    with pytest.raises(ValidationError):
        kind.Config.model_validate({**kind.example().config, "no_such_setting": 1})


@ALL
def test_classes_indicators_and_scores_fit_each_other(kind: AnnotationType[Any]) -> None:
    config = parsed(kind)
    classes = kind.classes(config)
    for value in kind.example().values:
        if classes is None:
            assert kind.from_scores(config, {}) is None
            continue
        inside = kind.indicator(config, value)
        assert inside <= set(classes)
        scored = kind.from_scores(config, {name: float(name in inside) for name in classes})
        assert scored == (value, 1.0)


OPTIONS = {"options": ["a", "b", {"name": "c", "title": "See", "hotkey": "x"}]}
CHOICE, CHOICES = annotation_types["choice"], annotation_types["choices"]


def test_plain_texts_are_options_too() -> None:
    assert CHOICE.Config.model_validate(OPTIONS).names == ("a", "b", "c")


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": ["a"]},
        {"options": ["a", "a"]},
        {"options": [{"name": "a", "hotkey": "1"}, {"name": "b", "hotkey": "1"}]},
        {"options": "abc"},
        {},
    ],
)
def test_options_must_be_told_apart(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CHOICE.Config.model_validate(wrong)


def test_choices_keep_between_min_and_max() -> None:
    config = CHOICES.Config.model_validate({**OPTIONS, "min": 1, "max": 2})
    assert CHOICES.validate(config, ["c", "a", "a"]) == ["a", "c"]
    for wrong in ([], ["a", "b", "c"]):
        with pytest.raises(ValueError, match="Between 1 and 2"):
            CHOICES.validate(config, wrong)
    with pytest.raises(ValidationError):
        CHOICES.Config.model_validate({**OPTIONS, "min": 3, "max": 2})


def test_choices_can_be_read_from_a_cell() -> None:
    config = CHOICES.Config.model_validate(OPTIONS)
    assert CHOICES.from_text(config, "b; a") == ["a", "b"]
    assert CHOICES.from_text(config, "") == []
    assert CHOICE.from_text(CHOICE.Config.model_validate(OPTIONS), " b ") == "b"


@given(st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.floats(0.01, 10)), min_size=1, max_size=9))
def test_merged_choices_are_always_legal(given: list[tuple[set[str], float]]) -> None:
    config = CHOICES.Config.model_validate({**OPTIONS, "min": 1, "max": 2})
    merged, confidence = CHOICES.merge(config, [sorted(chosen) for chosen, _ in given], [w for _, w in given])
    assert CHOICES.validate(config, merged) == merged
    assert 0.0 <= confidence <= 1.0
