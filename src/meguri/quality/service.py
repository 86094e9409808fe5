"""The door of this room: what the answers add up to, and how good the people are who gave them.

Everything here is derived from the annotations and can be computed anew at any time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from meguri.annotation import service as annotations
from meguri.annotation.model import Annotation, Question
from meguri.data import service as data
from meguri.kit import clock
from meguri.kit.shares import wilson
from meguri.labelling.model import Project
from meguri.quality import repository
from meguri.quality.aggregators.base import Aggregator, aggregators
from meguri.quality.agree import Found, agree, agreement_of, value_of
from meguri.quality.model import Consensus, Label, Skill, Vote, exclusive, votes_of
from meguri.storage import journal

CHUNK = 1_000
LOOK_BACK = 1_000  # annotation ids: a transaction that got its id early may have committed late
MOVED = 1e-3  # changes of support smaller than this are not written


@dataclass(frozen=True, slots=True)
class Standing:
    """A person in a project: answers given, skill over all questions, and mean agreement with the others."""

    person_id: int
    answers: int
    skill: float | None
    skill_low: float
    skill_high: float
    agreement: float | None


def aggregate(
    tx: Connection, project: Project, *, since_annotation: int | None = None, item_ids: Iterable[int] | None = None
) -> int:
    """Bring consensus and skills up to date; returns how many items had new answers, or fewer.

    Without arguments it looks at the items that were answered, or whose answers were taken back, since the last
    time. Running it twice changes nothing.
    """
    read, unread, before = repository.read_until(tx, project.id)
    anew = before != project.settings.aggregator
    newest = annotations.newest_id(tx, project.id)
    retracted = annotations.retracted_after(tx, project.id, max(0, unread - LOOK_BACK))
    everything = item_ids is None and since_annotation is None
    if item_ids is None:
        since = max(0, read - LOOK_BACK) if since_annotation is None else since_annotation
        item_ids = _answered_since(tx, project.id, 0 if anew else since) | {item for _, item in retracted}
    touched = _touched(tx, project.id, sorted(set(item_ids)), anew)
    for start in range(0, len(touched), CHUNK):
        _read(tx, project, touched[start : start + CHUNK])
    if touched:
        for question in project.schema.questions:
            _agree_on_all(tx, project, question)
            _judge_people(tx, project.id, question.name)
    if everything:
        last = max([unread, *(retraction for retraction, _ in retracted)])
        repository.set_read(tx, project.id, max(read, newest), last, project.settings.aggregator)
    return len(touched)


def unread_since(tx: Connection, project_id: int) -> int | None:
    """When the newest answer came that no aggregation has read yet; None where all are read."""
    newest = annotations.newest_id(tx, project_id)
    if newest <= repository.read_until(tx, project_id)[0]:
        return None
    return annotations.get(tx, newest).created_at


def _touched(tx: Connection, project_id: int, items: Sequence[int], anew: bool) -> list[int]:
    """The items whose answers are not those that were counted; all of them where everything is to be read anew."""
    if anew:
        return list(items)
    counted = repository.counted(tx, items)
    return [
        item
        for start in range(0, len(items), CHUNK)
        for item, given in annotations.of_items(tx, project_id, items[start : start + CHUNK]).items()
        if {one.id for one in given} != counted.get(item, set())
    ]


def _answered_since(tx: Connection, project_id: int, after: int) -> set[int]:
    items: set[int] = set()
    while found := annotations.after(tx, project_id, after, CHUNK):
        items.update(one.item_id for one in found)
        after = found[-1].id
    return items


def _aggregator(project: Project, question: Question) -> Aggregator | None:
    return aggregators[project.settings.aggregator] if exclusive(question) else None


def _read(tx: Connection, project: Project, items: Sequence[int]) -> None:
    """Write the votes on some items, and the consensus where it depends on nothing else."""
    answers = annotations.of_items(tx, project.id, items)
    splits = {item.id: item.split for item in data.get_many(tx, items)}
    rows = []
    for question in project.schema.questions:
        aggregator = _aggregator(project, question)
        votes = {item: votes_of(answers[item], question.name) for item in splits}
        found = agree(question, votes, None if aggregator is None else _local(aggregator))
        rows += [row for item in splits for row in _vote_rows(project.id, question, votes[item], found.get(item))]
        agreed = [_consensus(item, splits[item], question, found[item], project) for item in found]
        before = {old.item_id: old for old in repository.of_items(tx, items) if old.question == question.name}
        repository.replace_consensus(tx, project.id, items, question.name, agreed)
        _note(tx, project.id, agreed, before, answers)
    repository.replace_votes(tx, items, rows)


def _local(aggregator: Aggregator) -> Aggregator:
    """The aggregator itself, or the majority until all answers are looked at together."""
    return aggregator if aggregator.local else aggregators["majority"]


def _vote_rows(
    project_id: int, question: Question, votes: Sequence[Vote], found: Found | None
) -> list[dict[str, object]]:
    supports = {} if found is None else found.supports
    return [
        {
            "project_id": project_id,
            "item_id": vote.item_id,
            "question": question.name,
            "annotation_id": vote.annotation_id,
            "person_id": vote.person_id,
            "label": _short(question.label(vote.value)),
            "truth": vote.truth,
            "support": supports.get(vote.annotation_id),
            "agreement": agreement,
        }
        for vote, agreement in zip(votes, agreement_of(question, votes), strict=True)
    ]


def _short(label: str | None) -> str | None:
    return None if label is None else label[:500]


def _consensus(item: int, split: str, question: Question, found: Found, project: Project) -> Consensus:
    return Consensus(
        item_id=item,
        split=split,
        question=question.name,
        value=found.value,
        label=_short(question.label(found.value)),
        confidence=found.confidence,
        answers=found.answers,
        disagreement=found.disagreement,
        aggregator=project.settings.aggregator,
        updated_at=clock.now(),
    )


def _note(
    tx: Connection,
    project_id: int,
    agreed: Sequence[Consensus],
    before: dict[int, Consensus],
    answers: dict[int, list[Annotation]],
) -> None:
    """Journal what people newly agreed on; what merely came with an import says so itself."""
    changed = [
        row
        for row in agreed
        if any(one.person_id is not None for one in answers[row.item_id])
        and (row.item_id not in before or _said(before[row.item_id]) != _said(row))
    ]
    journal.write_many(
        tx,
        [
            {
                "kind": "quality.agreed",
                "actor": "system",
                "project_id": project_id,
                "item_id": row.item_id,
                "facts": {
                    "question": row.question,
                    "value": row.value,
                    "confidence": round(row.confidence, 4),
                    "answers": row.answers,
                },
            }
            for row in changed
        ],
    )


def _said(row: Consensus) -> tuple[object, int]:
    return row.value, row.answers


def _agree_on_all(tx: Connection, project: Project, question: Question) -> None:
    """Where every answer bears on every item: agree on all of them together, and write what moved."""
    aggregator = _aggregator(project, question)
    if aggregator is None or aggregator.local:
        return
    rows = repository.votes(tx, project.id, question.name)
    values = {question.label(value): value for value in (value_of(question, name) for name in question.classes or ())}
    votes: dict[int, list[Vote]] = {}
    for row in rows:
        if row.label in values:
            vote = Vote(row.item_id, row.annotation_id, row.person_id, values[row.label], bool(row.truth))
            votes.setdefault(row.item_id, []).append(vote)
    found = agree(question, votes, aggregator)
    old = {row.item_id: row for row in repository.of_question(tx, project.id, question.name)}
    moved = [
        _consensus(item, old[item].split, question, one, project)
        for item, one in found.items()
        if item in old and (abs(old[item].confidence - one.confidence) > MOVED or old[item].value != one.value)
    ]
    repository.replace_consensus(tx, project.id, [row.item_id for row in moved], question.name, moved)
    supports = [
        {"vote_id": row.id, "new_support": new}
        for row in rows
        if row.item_id in found
        and (new := found[row.item_id].supports.get(row.annotation_id)) is not None
        and (row.support is None or abs(row.support - new) > MOVED)
    ]
    repository.set_supports(tx, supports)


def _judge_people(tx: Connection, project_id: int, question: str) -> None:
    """Skills from the support that each person's answers found."""
    judged = [
        Skill(row.person_id, question, row.right / row.judged, *wilson(row.right, row.judged), row.judged)
        for row in repository.tallies(tx, project_id, question)
        if row.judged
    ]
    repository.replace_skills(tx, project_id, question, judged, clock.now())


def labels(tx: Connection, project_id: int, question: str, split: str | None = None) -> list[Label]:
    """The agreed answers to a question, of one split or of all, in order of item."""
    return repository.labels(tx, project_id, question, split)


def consensus(tx: Connection, item_ids: Sequence[int]) -> dict[int, dict[str, Consensus]]:
    """What is agreed on these items: `{item: {question: consensus}}`; an item without answers has an empty dict."""
    found: dict[int, dict[str, Consensus]] = {item: {} for item in item_ids}
    for row in repository.of_items(tx, item_ids):
        found[row.item_id][row.question] = row
    return found


def find(
    tx: Connection,
    project_id: int,
    question: str,
    *,
    label: str | None = None,
    split: str | None = None,
    min_disagreement: float | None = None,
    after: int = 0,
    limit: int = 500,
    by_disagreement: bool = False,
) -> list[int]:
    """Items (of a split) with an agreed answer that is `label` and disputed at least so far."""
    return repository.item_ids(
        tx,
        project_id,
        question,
        label=label,
        split=split,
        min_disagreement=min_disagreement,
        after=after,
        limit=limit,
        by_disagreement=by_disagreement,
    )


def most_disputed(tx: Connection, project_id: int, question: str, after: int = 0, limit: int = 500) -> list[int]:
    """Items in falling order of disagreement, following the item `after` (0: from the most disputed)."""
    return repository.most_disputed(tx, project_id, question, after, limit)


def count_labelled(tx: Connection, project_id: int, question: str | None = None) -> dict[str, int]:
    """`{split: items with an agreed answer}` to one question, or to any."""
    if question is not None:
        return repository.count_by_split(tx, project_id, question)
    return repository.count_by_split_any(tx, project_id)


def count_labels(tx: Connection, project_id: int, question: str) -> dict[str, int]:
    """`{label: items}` of a question."""
    return repository.count_by_label(tx, project_id, question)


def skills(tx: Connection, project_id: int) -> list[Skill]:
    """Every person's skill in every question."""
    return repository.skills(tx, project_id)


def standings(tx: Connection, project: Project) -> dict[int, Standing]:
    """Everyone who answered in a project, over all its questions."""
    sums: dict[int, list[float]] = {}
    for question in project.schema.questions:
        for row in repository.tallies(tx, project.id, question.name):
            mine = sums.setdefault(row.person_id, [0, 0.0, 0.0, 0, 0])
            shared = row.agreement is not None
            for place, more in enumerate((row.judged, row.right, row.agreement or 0.0, shared)):
                mine[place] += float(more)
            mine[4] = max(mine[4], row.answers)
    return {person: _standing(person, *mine) for person, mine in sums.items()}


def _standing(person: int, judged: float, right: float, agreement: float, shared: float, answers: float) -> Standing:
    low, high = wilson(right, judged)
    return Standing(
        person, int(answers), right / judged if judged else None, low, high, agreement / shared if shared else None
    )


def agreement(tx: Connection, project_id: int) -> dict[str, tuple[float | None, int]]:
    """`{question: (mean similarity of two people's answers, over so many answers)}`."""
    return {
        str(question): (None if mean is None else float(mean), int(n))
        for question, mean, n in repository.agreements(tx, project_id)
    }
