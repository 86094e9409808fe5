"""Outputs of a client's own model: understood in every way the contract allows, refused with the row's number."""

from typing import Any

import pytest

from meguri.annotation.model import LabelSchema
from meguri.kit.errors import Invalid
from meguri.serving.outputs import OwnOutput, checked

ONE = LabelSchema.from_json([{"name": "kind", "type": "choice", "options": ["spam", "fine"]}])
TWO = LabelSchema.from_json(
    [
        {"name": "kind", "type": "choice", "options": ["spam", "fine"]},
        {"name": "tone", "type": "choice", "options": ["kind", "rude"]},
    ]
)


def test_an_answer_is_understood_bare_or_by_question() -> None:
    bare, named = checked(ONE, [OwnOutput("a", "spam", 0.7), OwnOutput("b", {"kind": "spam"}, 0.7)])
    assert bare.answer == named.answer == {"kind": "spam"}


def test_the_score_is_taken_from_the_probabilities_where_there_is_none() -> None:
    assert checked(ONE, [OwnOutput("a", "spam", None, {"spam": 0.8, "fine": 0.2})])[0].score == 0.8
    nested = {"kind": {"spam": 0.8, "fine": 0.2}, "tone": {"kind": 0.4, "rude": 0.6}}
    assert checked(TWO, [OwnOutput("a", {"kind": "spam", "tone": "rude"}, None, nested)])[0].score == 0.6


def test_a_model_may_answer_some_of_the_questions() -> None:
    assert checked(TWO, [OwnOutput("a", {"tone": "rude"}, 0.5)])[0].answer == {"tone": "rude"}


@pytest.mark.parametrize(
    "row",
    [
        OwnOutput("a", "other", 0.5),
        OwnOutput("a", {"colour": "red"}, 0.5),
        OwnOutput("a", None, 0.5),
        OwnOutput("a", {}, 0.5),
        OwnOutput("a", "spam"),
        OwnOutput("a", "spam", 1.2),
        OwnOutput("a", "spam", float("nan")),
        OwnOutput("a", "spam", None, {"fine": 0.3}),
        OwnOutput("a", "spam", None, {"spam": "much"}),
    ],
)
def test_what_cannot_be_understood_names_its_row(row: Any) -> None:
    with pytest.raises(Invalid) as refused:
        checked(ONE, [OwnOutput("fine", "fine", 1.0), row])
    assert [place["row"] for place in refused.value.where] == [2]
    assert "Row 2" in refused.value.detail
