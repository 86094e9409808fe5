"""Outputs of a client's own model, as the client writes them, brought into our form. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meguri.annotation.model import LabelSchema
from meguri.data.model import NewItem
from meguri.kit.errors import Invalid
from meguri.serving.model import Output


@dataclass(frozen=True, slots=True)
class OwnOutput:
    """One output made elsewhere. `answer` may be the bare value where the project asks one question.

    `score` is the model's trust in its answer, 0 … 1; without it the probability of the answer is taken, the
    least one where several questions are answered. `item` is the content, for a person to look at.
    """

    key: str | None
    answer: Any
    score: float | None = None
    probabilities: dict[str, Any] | None = None
    item: NewItem | None = None


def checked(schema: LabelSchema, rows: Sequence[OwnOutput]) -> list[Output]:
    """The outputs in normal form, or `Invalid` that names every row at fault."""
    outputs: list[Output] = []
    wrong: list[dict[str, Any]] = []
    for place, row in enumerate(rows, start=1):
        try:
            outputs.append(_output(schema, row))
        except Invalid as error:
            wrong += [{"row": place, **one} for one in error.where] or [{"row": place, "problem": error.detail}]
        except ValueError as error:
            wrong.append({"row": place, "problem": str(error)})
    if wrong:
        told = f"Row {wrong[0]['row']}: {wrong[0]['problem']}"
        raise Invalid(f"Some outputs cannot be accepted. {told}", code="serving.bad_output", where=wrong)
    return outputs


def _output(schema: LabelSchema, row: OwnOutput) -> Output:
    given = _by_question(schema, row.answer)
    answer = LabelSchema(tuple(schema.question(name) for name in given)).check(given)
    score = _score(schema, row, answer)
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"score is {score}, but must lie between 0 and 1")
    return Output(answer, score, row.probabilities, None, row.key)


def _by_question(schema: LabelSchema, answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, Mapping) and answer:
        return answer
    if len(schema.questions) == 1 and answer is not None and not isinstance(answer, Mapping):
        return {schema.questions[0].name: answer}
    raise ValueError("answer must be {question: value}")


def _score(schema: LabelSchema, row: OwnOutput, answer: Mapping[str, Any]) -> float:
    if row.score is not None:
        return float(row.score)
    if not row.probabilities:
        raise ValueError("either score or probabilities is needed")
    return min(_probability(row.probabilities, name, schema.question(name).label(value), len(answer))
               for name, value in answer.items())  # fmt: skip


def _probability(probabilities: Mapping[str, Any], question: str, label: str | None, questions: int) -> float:
    """`{class: p}` where one question is answered, else `{question: {class: p}}`."""
    nested = probabilities.get(question)
    found = nested if isinstance(nested, Mapping) else probabilities if questions == 1 else {}
    p = found.get(label or "")
    if isinstance(p, bool) or not isinstance(p, int | float):
        raise ValueError(f"probabilities do not tell that of {label!r}, the answer to {question!r}")
    return float(p)
