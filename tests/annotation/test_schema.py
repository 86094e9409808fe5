"""Questions are read, answers are checked."""

from typing import Any

import pytest

from meguri.annotation.model import LabelSchema, Question
from meguri.kit.errors import Invalid

ANIMAL = {"name": "animal", "type": "choice", "options": ["cat", "dog"]}
TRAITS = {"name": "traits", "type": "choices", "required": False, "config": {"options": ["big", "small"], "max": 1}}


def schema() -> LabelSchema:
    return LabelSchema.from_json([ANIMAL, TRAITS])


def test_questions_written_out_read_back_the_same() -> None:
    assert LabelSchema.from_json(schema().to_json()) == schema()


def test_config_may_lie_beside_the_name_or_below_it() -> None:
    below = {"name": "animal", "type": "choice", "config": {"options": ["cat", "dog"]}}
    assert Question.from_json(below) == Question.from_json(ANIMAL)


def test_answers_come_back_in_normal_form_and_in_order() -> None:
    assert list(schema().check({"traits": ["big"], "animal": "cat"}).items()) == [
        ("animal", "cat"),
        ("traits", ["big"]),
    ]


def test_what_is_optional_may_be_left_out() -> None:
    assert schema().check({"animal": "dog"}) == {"animal": "dog"}
    assert schema().check({"animal": "dog", "traits": None}) == {"animal": "dog"}


def test_every_question_at_fault_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        schema().check({"traits": ["big", "small"], "colour": "red"})
    assert {place["question"]: place["code"] for place in caught.value.where} == {
        "colour": "unknown",
        "animal": "missing",
        "traits": "not_allowed",
    }


@pytest.mark.parametrize(
    ("questions", "told"),
    [
        ([], "between 1 and"),
        ([ANIMAL, ANIMAL], "two questions have this name"),
        ([{"type": "choice", "options": ["a", "b"]}], "needs a name"),
        ([{"name": "x", "type": "essay"}], "is not one of"),
        ([{"name": "x", "type": "choice"}], "options"),
        ([{**ANIMAL, "colour": "red"}], "colour"),
        ([{**ANIMAL, "required": "yes"}], "true or false"),
    ],
)
def test_a_schema_that_is_wrong_is_refused_with_the_place(questions: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(Invalid, match=told) as caught:
        LabelSchema.from_json(questions)
    assert caught.value.where


def test_a_type_that_does_not_fit_the_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from meguri.annotation.types.base import annotation_types

    monkeypatch.setattr(type(annotation_types["choice"]), "modalities", ("image",))
    with pytest.raises(Invalid, match="not about text"):
        LabelSchema.from_json([ANIMAL], "text")
