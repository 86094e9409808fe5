"""What goes over the wire in this room: requests, responses, and how our own objects become them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from meguri.annotation.model import Annotation
from meguri.data.model import Item
from meguri.kit import clock
from meguri.labelling.model import MAX_OVERLAP, Lent, Project, Settings

MAX_HOLD = 16  # in hand, ready behind it, and answered but still on their way

Reason = Literal["selection", "review", "audit", "adjudication", "gold", "recheck", "collection"]


class QuestionIn(BaseModel):
    """A question. What its type needs lies beside the name: `options` for a choice, `min` and `max` for choices.

    `GET /annotation-types` tells what each type understands.
    """

    model_config = ConfigDict(extra="allow")

    name: str = Field(examples=["animal"])
    type: str = Field(examples=["choice"])
    title: str = ""
    required: bool = True
    help: str = ""


class QuestionOut(QuestionIn):
    """A question in normal form."""


class ProjectIn(BaseModel):
    """A new project."""

    name: str
    modality: str = Field(examples=["text", "image"])
    questions: list[QuestionIn]
    guidelines: str = Field("", description="Markdown that people see beside their work.")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="As in `Settings`; what is left out has a default."
    )


class ProjectChange(BaseModel):
    """What changes; what is left out stays. Of `settings` only the keys that are named change."""

    name: str | None = None
    guidelines: str | None = None
    settings: dict[str, Any] | None = None
    questions: list[QuestionIn] | None = None


class ProjectOut(BaseModel):
    """A project."""

    id: int
    name: str
    modality: str
    questions: list[QuestionOut]
    guidelines: str
    settings: Settings
    created_at: str
    archived_at: str | None
    role: str = Field(description="Your role here: owner, engineer, operator or annotator.")


class ProjectCard(BaseModel):
    """A project in the list, with numbers that cost nothing."""

    id: int
    name: str
    modality: str
    created_at: str
    role: str
    pending_tasks: int


class ProjectList(BaseModel):
    """The projects you may enter, newest first."""

    rows: list[ProjectCard]
    after: int | None = None


class TasksIn(BaseModel):
    """Which items people are asked about, and why."""

    items: list[int] | None = Field(default=None, description="Ids of items, in the order to be worked on.")
    all: bool = Field(default=False, description="Every item that was never asked about for this reason.")
    reason: Reason = "selection"
    overlap: int | None = Field(
        default=None, ge=1, le=MAX_OVERLAP, description="Answers of different people for each item."
    )


class TasksOut(BaseModel):
    """How many tasks were made; items that waited already are not counted."""

    created: int


class LendIn(BaseModel):
    """What kind of work is wanted. Without a body: whatever is most urgent."""

    reasons: list[Reason] | None = None
    exclude: list[int] | None = Field(
        default=None,
        description="The assignments you have in hand. With this list (an empty one after a reload) you first get "
        "back what you hold without knowing.",
    )
    task: int | None = Field(default=None, description="One certain task.")


class ItemOut(BaseModel):
    """The item to look at: its `text`, or the `url` of its content."""

    id: int
    text: str | None
    url: str | None
    mime: str | None
    traits: dict[str, Any]
    meta: dict[str, Any]


class SuggestionOut(BaseModel):
    """What the model would answer, and how sure it is."""

    value: Any
    score: float


class AssignmentOut(BaseModel):
    """A task lent to you until `expires_at`."""

    id: int
    task: int
    project: int
    item: ItemOut
    questions: list[QuestionOut]
    suggestion: dict[str, SuggestionOut] | None = Field(description="By question; null where you label blind.")
    reason: Reason
    expires_at: str
    guidelines_version: str
    answers: dict[str, Any] | None = Field(default=None, description="What you had answered, after an undo.")


class AnswerIn(BaseModel):
    """Your answers by question; `seconds` is how long you looked at the item."""

    answers: dict[str, Any] = Field(examples=[{"animal": "cat"}])
    seconds: float | None = Field(default=None, ge=0)


class AnsweredOut(BaseModel):
    """Your answer is on disk. `done`: the task needs no further ones; `undo`: you can take it back."""

    id: int
    annotation: int
    done: bool
    undo: bool


class SkipIn(BaseModel):
    """Why you give a task back."""

    why: str = Field("", max_length=1_000)


class MineOut(BaseModel):
    """Your own work here; `today` is since midnight UTC."""

    today: int
    total: int
    seconds_median: float | None


class ReasonProgress(BaseModel):
    """How far the tasks of one reason are."""

    tasks: int
    pending: int
    answers_given: int
    answers_wanted: int


class ProgressOut(BaseModel):
    """Your own progress and the project's, by reason."""

    mine: MineOut
    tasks: dict[str, ReasonProgress]


class MyAnswer(BaseModel):
    """One of your past answers."""

    id: int
    item: int
    task: int | None
    assignment: int | None
    reason: str
    answers: dict[str, Any]
    seconds: float | None
    created_at: str


class MyAnswers(BaseModel):
    """Your past answers, newest first."""

    rows: list[MyAnswer]
    after: int | None


def project_out(project: Project, role: str) -> dict[str, Any]:
    """A project as JSON."""
    return {
        "id": project.id,
        "name": project.name,
        "modality": project.modality,
        "questions": project.questions,
        "guidelines": project.guidelines,
        "settings": project.settings.model_dump(mode="json"),
        "created_at": clock.iso(project.created_at),
        "archived_at": None if project.archived_at is None else clock.iso(project.archived_at),
        "role": role,
    }


def card_out(project: Project, role: str, pending: int) -> ProjectCard:
    """A project as a card."""
    return ProjectCard(
        id=project.id,
        name=project.name,
        modality=project.modality,
        created_at=clock.iso(project.created_at),
        role=role,
        pending_tasks=pending,
    )


def lent_out(lent: Lent) -> dict[str, Any]:
    """An assignment as JSON."""
    return {
        "id": lent.id,
        "task": lent.task_id,
        "project": lent.project.id,
        "item": _item_out(lent.item),
        "questions": lent.project.questions,
        "suggestion": _suggestion_out(lent),
        "reason": lent.reason,
        "expires_at": clock.iso(lent.expires_at),
        "guidelines_version": lent.project.guidelines_version,
        "answers": lent.answers,
    }


def my_answer(one: Annotation) -> MyAnswer:
    """A past answer as JSON."""
    return MyAnswer(
        id=one.id,
        item=one.item_id,
        task=one.task_id,
        assignment=one.assignment_id,
        reason=one.reason,
        answers=one.answers,
        seconds=one.seconds,
        created_at=clock.iso(one.created_at),
    )


def questions_in(questions: list[QuestionIn]) -> list[Mapping[str, Any]]:
    """The questions as they were written, so that what is wrong is said by their type."""
    return [question.model_dump(exclude_unset=True) for question in questions]


def _item_out(item: Item) -> dict[str, Any]:
    url = f"/api/v1/projects/{item.project_id}/items/{item.id}/content" if item.blob is not None else None
    return {
        "id": item.id,
        "text": item.text,
        "url": url,
        "mime": item.mime,
        "traits": item.traits,
        "meta": item.meta,
    }


def _suggestion_out(lent: Lent) -> dict[str, dict[str, Any]] | None:
    if lent.project.settings.blind or not lent.suggestion:
        return None
    return {one.question: {"value": one.value, "score": one.score} for one in lent.suggestion}
