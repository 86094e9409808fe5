"""Labels that come with rows: read as the question's type reads them, with the nearest allowed one in the error."""

import difflib
from typing import Any

from meguri.annotation.model import Answers, LabelSchema, Question
from meguri.formats.base import Problem, Row

_SHOWN = 12


def answers_of(schema: LabelSchema, row: Row, question: str | None = None) -> Answers | Problem | None:
    """The row's label as checked answers; None where it has none, a problem where it does not fit the questions.

    A plain value answers `question`, or the first one of the project.
    """
    if row.label is None:
        if row.gold:
            return _problem(row, "A gold item needs its answer; give it a label.", "formats.gold_without_label")
        return None
    given = row.label if _by_question(schema, row.label) else {question or schema.questions[0].name: row.label}
    answers: Answers = {}
    for name, value in given.items():
        asked = next((one for one in schema.questions if one.name == name), None)
        if asked is None:
            return _no_question(schema, row, str(name))
        try:
            answers[name] = _value(asked, value)
        except ValueError as error:
            return _not_allowed(asked, row, value, str(error))
    return answers


def known_labels(schema: LabelSchema, question: str | None = None) -> frozenset[str]:
    """The names that a label of a question is made of; none where it has no such list."""
    asked = schema.question(question) if question else schema.questions[0]
    return frozenset(asked.classes or ())


def _by_question(schema: LabelSchema, label: Any) -> bool:
    """Whether a label is `{question: value}` and not the value of one question that is itself an object."""
    names = {one.name for one in schema.questions}
    return isinstance(label, dict) and bool(label) and (bool(names & label.keys()) or len(names) > 1)


def _value(question: Question, value: Any) -> Any:
    if question.classes is not None and isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}"  # a class may be called 7, and JSON writes it as a number
    if isinstance(value, str):
        return question.kind.from_text(question.parsed, value)
    return question.check(value)


def _not_allowed(question: Question, row: Row, value: Any, told: str) -> Problem:
    allowed = list(question.classes or ())
    near = nearest(str(value), allowed)
    if not allowed:
        return _problem(row, f"{question.name}: {told}", "formats.label_bad", question=question.name)
    hint = f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
    shown = ", ".join(allowed[:_SHOWN]) + (", …" if len(allowed) > _SHOWN else "")
    told = f"The label {value!r} does not fit the question {question.name!r}. Allowed: {shown}.{hint}"
    return _problem(
        row, told, "formats.label_unknown", question=question.name, label=str(value), nearest=near, allowed=allowed[:50]
    )


def nearest(value: str, allowed: list[str]) -> list[str]:
    """Up to three allowed names that are spelt most like the value, whatever their case."""
    plain = {name.casefold(): name for name in reversed(allowed)}
    return [plain[found] for found in difflib.get_close_matches(value.strip().casefold(), plain, n=3, cutoff=0.6)]


def _no_question(schema: LabelSchema, row: Row, name: str) -> Problem:
    names = ", ".join(one.name for one in schema.questions)
    return _problem(row, f"There is no question {name!r}; there are: {names}.", "formats.no_question", question=name)


def _problem(row: Row, told: str, code: str, **params: Any) -> Problem:
    return Problem(row.number, told, code, "label", row.file, params)
