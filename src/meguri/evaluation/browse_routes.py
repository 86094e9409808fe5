"""HTTP face of the items: a page of them, and one item's whole life."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from meguri.accounts.http import DoorDep
from meguri.accounts.model import Right
from meguri.annotation.model import Annotation, Suggestion
from meguri.evaluation import browse
from meguri.evaluation.browse import Filters, Life, Seen, person_of
from meguri.kit import clock
from meguri.kit.paging import clamp
from meguri.labelling import service as labelling
from meguri.quality.model import Consensus
from meguri.storage.journal import Entry

router = APIRouter(tags=["items"])

EXCERPT = 300  # characters
DECISIONS = "serving."  # the kinds of journal entries that tell what production did with an item


class Agreed(BaseModel):
    """What people agreed on about one question."""

    value: Any
    confidence: float
    answers: int
    disagreement: float


class Said(BaseModel):
    """What a model says about one question."""

    value: Any
    score: float


class ItemRow(BaseModel):
    """An item in a list; `text` is its beginning, `thumbnail` the address of a small picture."""

    id: int
    key: str | None
    split: str
    gold: bool
    state: Literal["new", "waiting", "labelled"]
    text: str | None
    thumbnail: str | None
    mime: str | None
    traits: dict[str, Any]
    meta: dict[str, Any]
    consensus: dict[str, Agreed]
    suggestion: dict[str, Said]
    created_at: str


class ItemRows(BaseModel):
    """A page of items. It may be short although `after` names a next one: a search looks at so many items at a time."""

    rows: list[ItemRow]
    after: int | None
    total_about: int | None


class Fact(BaseModel):
    """One moment of an item's life."""

    id: int
    at: str
    kind: str
    actor: str
    actor_name: str | None
    item: int | None
    task: int | None
    model_version: int | None
    policy: str | None
    facts: dict[str, Any]


class Given(BaseModel):
    """One person's answers, or what an import brought along."""

    id: int
    person: int | None
    person_name: str | None
    answers: dict[str, Any]
    seconds: float | None
    reason: str
    created_at: str


class Proposed(Said):
    """What one model version says about one question."""

    question: str
    model_version: int


class ItemOut(ItemRow):
    """One item with its whole text and its whole life, newest first."""

    life: list[Fact]
    annotations: list[Given]
    suggestions: list[Proposed]
    decisions: list[Fact]


class Wanted(BaseModel):
    """Which items, in which order; what is not named is any."""

    after: int | None = Field(None, ge=0)
    limit: int | None = Field(None, ge=1, le=500)
    split: Literal["train", "validation", "test"] | None = None
    state: Literal["new", "waiting", "labelled"] | None = None
    question: str | None = None
    label: str | None = None
    q: str | None = Field(None, max_length=200)
    model_answer: str | None = None
    min_disagreement: float | None = Field(None, ge=0, le=1)
    order: Literal["id", "disagreement"] = "id"

    def filters(self) -> Filters:
        """The same without the paging; an empty text is any."""
        given: dict[str, Any] = self.model_dump(exclude={"after", "limit"})
        return Filters(**{name: None if value == "" else value for name, value in given.items()})  # type: ignore[arg-type]


@router.get("/projects/{project_id}/items")
def item_list(project_id: int, door: DoorDep, wanted: Annotated[Wanted, Query()]) -> ItemRows:
    """Items that fit, by id or the most disputed first, with their labels and the champion's answers."""
    limit = clamp(wanted.limit)
    found = door.read(
        Right.VIEW,
        project_id,
        lambda tx, actor: browse.page(
            tx, labelling.project(tx, project_id), wanted.filters(), wanted.after or 0, limit
        ),
    )
    return ItemRows(rows=[_row(seen) for seen in found.rows], after=found.after, total_about=found.total)


@router.get("/projects/{project_id}/items/{item_id}")
def item(project_id: int, item_id: int, door: DoorDep) -> ItemOut:
    """One item: its content, what is known of it, and who did what with it."""
    found = door.read(
        Right.VIEW, project_id, lambda tx, actor: browse.life(tx, labelling.project(tx, project_id), item_id)
    )
    return _whole(found)


def _whole(found: Life) -> ItemOut:
    facts = [_fact(entry, found.names) for entry in found.facts]
    whole = _row(found.seen).model_copy(update={"text": found.seen.item.text})
    return ItemOut(
        **whole.model_dump(),
        life=facts,
        annotations=[_given(one, found.names) for one in found.annotations],
        suggestions=[_proposed(one) for one in found.suggestions],
        decisions=[fact for fact in facts if fact.kind.startswith(DECISIONS)],
    )


def _row(seen: Seen) -> ItemRow:
    item = seen.item
    return ItemRow(
        id=item.id,
        key=item.key,
        split=item.split,
        gold=item.gold,
        state=seen.state,  # type: ignore[arg-type]
        text=None if item.text is None else item.text[:EXCERPT],
        thumbnail=None if item.blob is None else f"/api/v1/projects/{item.project_id}/items/{item.id}/thumbnail",
        mime=item.mime,
        traits=item.traits,
        meta=item.meta,
        consensus={name: _agreed(one) for name, one in seen.consensus.items()},
        suggestion={name: Said(value=one.value, score=one.score) for name, one in seen.suggestion.items()},
        created_at=clock.iso(item.created_at),
    )


def _agreed(one: Consensus) -> Agreed:
    return Agreed(value=one.value, confidence=one.confidence, answers=one.answers, disagreement=one.disagreement)


def _fact(entry: Entry, names: dict[int, str]) -> Fact:
    return Fact(
        id=entry.id,
        at=clock.iso(entry.at),
        kind=entry.kind,
        actor=entry.actor,
        actor_name=names.get(person_of(entry.actor) or 0),
        item=entry.item_id,
        task=entry.task_id,
        model_version=entry.model_version_id,
        policy=entry.policy,
        facts=entry.facts,
    )


def _given(one: Annotation, names: dict[int, str]) -> Given:
    return Given(
        id=one.id,
        person=one.person_id,
        person_name=names.get(one.person_id or 0),
        answers=one.answers,
        seconds=one.seconds,
        reason=one.reason,
        created_at=clock.iso(one.created_at),
    )


def _proposed(one: Suggestion) -> Proposed:
    return Proposed(question=one.question, value=one.value, score=one.score, model_version=one.model_version_id)
