"""The items of a project with everything known of them: what the page of items shows, and one item's whole life.

A page is found by walking the narrowest index that fits the filter, in order of id, and looking at each candidate.
It ends when it is full or when BUDGET candidates were looked at, whichever is first: so the work for a page does not
grow with the project, and a page may be short although more follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.annotation import service as annotation
from meguri.annotation.model import Annotation, Suggestion
from meguri.data import service as data
from meguri.data.model import SPLITS, Item, ItemFilter
from meguri.evaluation import service as evaluation
from meguri.evaluation.model import CHAMPION
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.quality import service as quality
from meguri.quality.model import Consensus
from meguri.storage import journal

NEW, WAITING, LABELLED = "new", "waiting", "labelled"
BY_ID, BY_DISAGREEMENT = "id", "disagreement"

BUDGET = 3_000  # candidates looked at for a page
SEARCHED = 20_000  # items searched for a text for a page
FEW_WAITING = 5_000  # so many waiting items are sorted for a page; more of them are met soon enough by walking
_CHUNK = 500

Walk = Callable[[int, int], list[int]]  # (after, limit) -> item ids


@dataclass(frozen=True, slots=True)
class Filters:
    """Which items are wanted; None means any."""

    split: str | None = None
    state: str | None = None
    question: str | None = None  # of label, model's answer and disagreement; the first one where none is named
    label: str | None = None
    q: str | None = None
    model_answer: str | None = None
    min_disagreement: float | None = None
    order: str = BY_ID


@dataclass(frozen=True, slots=True)
class Seen:
    """An item beside what people agreed on and what the champion says."""

    item: Item
    state: str
    consensus: dict[str, Consensus]
    suggestion: dict[str, Suggestion]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Items, the `after` of the next page, and how many there are where that is known at no cost."""

    rows: list[Seen]
    after: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """One item from its birth to today."""

    seen: Seen
    annotations: list[Annotation]
    suggestions: list[Suggestion]
    facts: Sequence[journal.Entry]  # newest first
    names: dict[int, str]  # of the people in it


def page(tx: Connection, project: Project, filters: Filters, after: int, limit: int) -> ItemPage:
    """Up to `limit` items that fit, after the item `after`."""
    filters = _with_question(project, filters)
    champion = evaluation.alias(tx, project.id, CHAMPION)
    walk = _walk(tx, project, filters)
    rows: list[Seen] = []
    looked_at = 0
    step = min(_CHUNK, limit + 1)
    while looked_at < BUDGET:
        ids = walk(after, step)
        for seen in see(tx, _narrowed(tx, ids, filters), champion):
            if fits(seen, filters):
                rows.append(seen)
                if len(rows) == limit:
                    last = seen.item.id
                    more = walk(last, 1) or _following(tx, project, filters, last)
                    return ItemPage(rows, last if more else None, _total(tx, project, filters))
        if len(ids) < step:
            following = _following(tx, project, filters, after)
            return ItemPage(rows, following, _total(tx, project, filters))
        looked_at += len(ids)
        after, step = ids[-1], _CHUNK
    return ItemPage(rows, after, _total(tx, project, filters))


def see(tx: Connection, ids: Sequence[int], champion: int | None) -> list[Seen]:
    """The items of these ids in that order, with what is known of each."""
    agreed = quality.consensus(tx, ids)
    waiting = labelling.waiting_of(tx, ids)
    said = annotation.suggestions_of(tx, ids, champion) if champion is not None else {}
    return [
        Seen(
            item,
            _state(item.id in waiting, bool(agreed[item.id])),
            agreed[item.id],
            {one.question: one for one in said.get(item.id, [])},
        )
        for item in data.get_many(tx, ids)
    ]


def life(tx: Connection, project: Project, item_id: int) -> Life:
    """Everything that is known of one item."""
    item = data.get(tx, project.id, item_id)
    (seen,) = see(tx, [item.id], evaluation.alias(tx, project.id, CHAMPION))
    answers = annotation.of_items(tx, project.id, [item.id])[item.id]
    facts = journal.of_item(tx, item.id, limit=500).rows
    people = {one.person_id for one in answers} | {person_of(entry.actor) for entry in facts}
    names = accounts.names(tx, {person for person in people if person is not None})
    return Life(seen, answers, annotation.suggestions(tx, item.id), facts, names)


def person_of(actor: str) -> int | None:
    """The person that the journal names as `person:7`."""
    number = actor.removeprefix("person:")
    return int(number) if number != actor and number.isdigit() else None


def fits(seen: Seen, filters: Filters) -> bool:
    """Whether an item is wanted."""
    agreed = seen.consensus.get(filters.question or "")
    said = seen.suggestion.get(filters.question or "")
    return (
        (filters.split is None or seen.item.split == filters.split)
        and (filters.state is None or seen.state == filters.state)
        and (filters.q is None or _mentions(seen.item, filters.q))
        and (filters.label is None or (agreed is not None and agreed.label == filters.label))
        and (filters.model_answer is None or (said is not None and _text(said.value) == filters.model_answer))
        and (
            filters.min_disagreement is None or (agreed is not None and agreed.disagreement >= filters.min_disagreement)
        )
    )


def _narrowed(tx: Connection, ids: list[int], filters: Filters) -> list[int]:
    """What is left of some candidates after a look that costs little."""
    if filters.state is None:
        return ids
    waiting = labelling.waiting_of(tx, ids)
    return [item for item in ids if (item in waiting) == (filters.state == WAITING)]


def _mentions(item: Item, q: str) -> bool:
    return q.casefold() in (item.text or "").casefold() or (item.key or "").startswith(q)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _state(waiting: bool, agreed: bool) -> str:
    if waiting:
        return WAITING
    return LABELLED if agreed else NEW


def _with_question(project: Project, filters: Filters) -> Filters:
    name = filters.question or project.schema.questions[0].name
    project.schema.question(name)
    return replace(filters, question=name)


def _walk(tx: Connection, project: Project, filters: Filters) -> Walk:
    """The narrowest index that fits."""
    question = filters.question or ""
    if filters.order == BY_DISAGREEMENT:
        return lambda after, limit: quality.most_disputed(tx, project.id, question, after, limit)
    if filters.q:
        return lambda after, limit: _search(tx, project, filters, after, limit)
    if filters.label is not None:
        return lambda after, limit: quality.find(
            tx, project.id, question, label=filters.label, after=after, limit=limit
        )
    if filters.min_disagreement is not None or filters.state == LABELLED:
        return lambda after, limit: _agreed(tx, project, filters, after, limit)
    waiting = labelling.items_waiting(tx, project.id, FEW_WAITING) if filters.state == WAITING else None
    if waiting is not None:
        return lambda after, limit: [item for item in waiting if item > after][:limit]
    only = ItemFilter(split=filters.split)
    return lambda after, limit: data.page_ids(tx, project.id, only, after, limit)


def _agreed(tx: Connection, project: Project, filters: Filters, after: int, limit: int) -> list[int]:
    """Labelled items in order of id. The index is in order of id within each split, so the splits are merged."""
    question = filters.question or ""
    splits = [filters.split] if filters.split else list(SPLITS)
    found = [quality.find(tx, project.id, question, split=split, after=after, limit=limit) for split in splits]
    return sorted(item for ids in found for item in ids)[:limit]


def _search(tx: Connection, project: Project, filters: Filters, after: int, limit: int) -> list[int]:
    until = data.id_after(tx, project.id, after, SEARCHED)
    return data.page_ids(tx, project.id, ItemFilter(filters.split, q=filters.q), after, limit, until=until)


def _following(tx: Connection, project: Project, filters: Filters, after: int) -> int | None:
    """Where to go on when an index gave less than was asked: nowhere, or behind what a search has covered."""
    if not filters.q or filters.order == BY_DISAGREEMENT:
        return None
    return data.id_after(tx, project.id, after, SEARCHED)


def _total(tx: Connection, project: Project, filters: Filters) -> int | None:
    """How many items fit, where a counter knows."""
    narrow = replace(filters, split=None, question=None)
    if narrow != Filters():
        return None
    counts = data.count(tx, project.id)
    return counts.get(filters.split, 0) if filters.split else sum(counts.values())
