"""Questions, answers and suggestions, and the pure rules between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from meguri.annotation.types.base import AnnotationType, annotation_types
from meguri.kit.errors import Invalid

Answers = dict[str, Any]  # {question name: value in normal form}

PERSON = "person"
IMPORT = "import"
MAX_NAME = 100
MAX_QUESTIONS = 100
_OWN_FIELDS = ("name", "type", "title", "required", "help")


@dataclass(frozen=True)
class Question:
    """One thing that is asked about an item; `config` belongs to the annotation type named `type`."""

    name: str
    type: str
    title: str = ""
    required: bool = True
    config: dict[str, Any] = field(default_factory=dict)
    help: str = ""

    @cached_property
    def kind(self) -> AnnotationType[Any]:
        """The member of the gallery that knows this type."""
        return annotation_types[self.type]

    @cached_property
    def parsed(self) -> Any:
        """The config as the type's own `Config`: what every method of `kind` takes first."""
        return self.kind.Config.model_validate(self.config)

    @cached_property
    def classes(self) -> tuple[str, ...] | None:
        """The names to choose from; None where the type has no such list."""
        return self.kind.classes(self.parsed)

    def check(self, value: Any) -> Any:
        """The value in normal form, or `ValueError`."""
        return self.kind.validate(self.parsed, value)

    def similarity(self, a: Any, b: Any) -> float:
        """How alike two answers are, in [0, 1]."""
        return self.kind.similarity(self.parsed, a, b)

    def merge(self, values: Sequence[Any], weights: Sequence[float]) -> tuple[Any, float]:
        """What several answers add up to, and how sure it is."""
        return self.kind.merge(self.parsed, values, weights)

    def label(self, value: Any) -> str | None:
        """The value as a short text, if it has one."""
        return self.kind.label(value)

    def to_json(self) -> dict[str, Any]:
        """The question as it came in, in normal form: the config lies beside the name."""
        own = {"name": self.name, "type": self.type, "title": self.title, "required": self.required, "help": self.help}
        return {**self.config, **own}

    @classmethod
    def from_json(cls, given: Mapping[str, Any], modality: str | None = None) -> "Question":
        """Read `{name, type, title?, required?, help?, …config}`; raises `ValueError` with what is wrong."""
        name, kind = given.get("name"), given.get("type")
        if not isinstance(name, str) or not 0 < len(name.strip()) <= MAX_NAME:
            raise ValueError(f"a question needs a name of 1 to {MAX_NAME} characters")
        if not isinstance(kind, str) or kind not in annotation_types:
            raise ValueError(f"type {kind!r} is not one of: {', '.join(annotation_types)}")
        member = annotation_types[kind]
        if modality is not None and member.modalities and modality not in member.modalities:
            raise ValueError(f"{kind} can be asked about {', '.join(member.modalities)}, not about {modality}")
        own = {key: _of_type(given[key], key) for key in _OWN_FIELDS if key in given}
        return cls(**{**own, "name": name.strip(), "config": _config(member, given)})


@dataclass(frozen=True)
class LabelSchema:
    """What is asked about each item of a project."""

    questions: tuple[Question, ...]

    @cached_property
    def _by_name(self) -> dict[str, Question]:
        return {question.name: question for question in self.questions}

    def question(self, name: str) -> Question:
        """The question of that name, or `Invalid`."""
        found = self._by_name.get(name)
        if found is None:
            raise Invalid(
                f"There is no question {name!r}; there are: {', '.join(self._by_name)}.",
                code="annotation.no_question",
                question=name,
            )
        return found

    def check(self, answers: Mapping[str, Any]) -> Answers:
        """The answers in normal form and in the order of the questions.

        Raises `Invalid` (code `annotation.invalid`) whose `where` names every question at fault.
        """
        wrong = [
            _problem(name, "unknown", "There is no such question.") for name in answers if name not in self._by_name
        ]
        checked: Answers = {}
        for question in self.questions:
            if answers.get(question.name) is None:
                if question.required:
                    wrong.append(_problem(question.name, "missing", "This question must be answered."))
                continue
            try:
                checked[question.name] = question.check(answers[question.name])
            except ValueError as error:
                wrong.append(_problem(question.name, "not_allowed", str(error)))
        if wrong:
            told = "; ".join(f"{place['question']}: {place['problem']}" for place in wrong)
            raise Invalid(f"The answer does not fit the questions. {told}", code="annotation.invalid", where=wrong)
        return checked

    def to_json(self) -> list[dict[str, Any]]:
        """The list of questions that `from_json` reads."""
        return [question.to_json() for question in self.questions]

    @classmethod
    def from_json(cls, given: Iterable[Mapping[str, Any]], modality: str | None = None) -> "LabelSchema":
        """Read and check a list of questions.

        Raises `Invalid` (code `annotation.schema`) whose `where` names every question at fault.
        """
        questions: list[Question] = []
        wrong: list[dict[str, Any]] = []
        for row, one in enumerate(given):
            try:
                question = Question.from_json(one, modality)
                if any(question.name == other.name for other in questions):
                    raise ValueError("two questions have this name")
                questions.append(question)
            except ValueError as error:
                wrong.append({"row": row, "question": str(one.get("name", "")), "problem": str(error)})
        if not wrong and not 0 < len(questions) <= MAX_QUESTIONS:
            wrong.append({"field": "questions", "problem": f"between 1 and {MAX_QUESTIONS} questions are needed"})
        if wrong:
            told = "; ".join(f"{place.get('question') or 'questions'}: {place['problem']}" for place in wrong)
            raise Invalid(f"The label schema is not valid. {told}.", code="annotation.schema", where=wrong)
        return cls(tuple(questions))


@dataclass(frozen=True, slots=True)
class Annotation:
    """One person's answers to the questions about one item, or what an import brought along."""

    id: int
    project_id: int
    item_id: int
    task_id: int | None
    assignment_id: int | None
    person_id: int | None  # None: it came with an import
    source: str
    reason: str  # of the task, or "import"
    answers: Answers
    seconds: float | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model's proposed answer to one question about one item."""

    item_id: int
    question: str
    value: Any
    score: float
    model_version_id: int


def _config(member: AnnotationType[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The type's config in normal form, from beside the name or from under `config`."""
    inline = {key: value for key, value in given.items() if key not in (*_OWN_FIELDS, "config")}
    try:
        parsed = member.Config.model_validate({**(given.get("config") or {}), **inline})
    except ValidationError as error:
        raise ValueError("; ".join(_told(problem) for problem in error.errors(include_url=False))) from None
    return dict(parsed.model_dump(mode="json", exclude_defaults=True))


def _told(problem: Any) -> str:
    """A Pydantic error as a sentence."""
    place = ".".join(str(part) for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _of_type(value: Any, key: str) -> Any:
    """The title, help or required flag as it must be."""
    wanted = bool if key == "required" else str
    if not isinstance(value, wanted):
        raise ValueError(f"{key} must be {'true or false' if wanted is bool else 'text'}")
    return value


def _problem(question: str, code: str, problem: str) -> dict[str, Any]:
    return {"question": question, "code": code, "problem": problem}
