"""The only SQL of this room."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from meguri.quality.model import Consensus, Label, Skill
from meguri.quality.tables import consensus, reading, skill, vote

T = TypeVar("T")
CHUNK = 500

_CONSENSUS = sa.select(*(column for column in consensus.c if column.name not in ("id", "project_id")))
_LABELS = (
    sa.select(consensus.c.item_id, consensus.c.value, consensus.c.confidence, consensus.c.answers)
    .where(consensus.c.project_id == sa.bindparam("project"), consensus.c.question == sa.bindparam("question"))
    .order_by(consensus.c.item_id)
)
_READ = sa.select(reading.c.annotation_id, reading.c.retraction_id, reading.c.aggregator).where(
    reading.c.project_id == sa.bindparam("project")
)
_SUPPORT = sa.update(vote).where(vote.c.id == sa.bindparam("vote_id")).values(support=sa.bindparam("new_support"))


def chunks(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size`."""
    chunk: list[T] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def read_until(tx: Connection, project_id: int) -> tuple[int, int, str]:
    """The last annotation and the last retraction that were read, and by which aggregator."""
    row = tx.execute(_READ, {"project": project_id}).first()
    return (0, 0, "") if row is None else (int(row[0]), int(row[1]), str(row[2]))


def set_read(tx: Connection, project_id: int, annotation_id: int, retraction_id: int, aggregator: str) -> None:
    """Remember how far the annotations were read."""
    values = {"annotation_id": annotation_id, "retraction_id": retraction_id, "aggregator": aggregator}
    changed = tx.execute(sa.update(reading).where(reading.c.project_id == project_id).values(values))
    if changed.rowcount == 0:
        tx.execute(sa.insert(reading).values(project_id=project_id, **values))


def counted(tx: Connection, item_ids: Sequence[int]) -> dict[int, set[int]]:
    """Which annotations the votes on these items came from."""
    found: dict[int, set[int]] = {}
    for some in chunks(item_ids):
        query = sa.select(vote.c.item_id, vote.c.annotation_id).where(vote.c.item_id.in_(some))
        for item, annotation in tx.execute(query):
            found.setdefault(item, set()).add(annotation)
    return found


def replace_votes(tx: Connection, item_ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
    """The votes on these items are now these."""
    for some in chunks(item_ids):
        tx.execute(sa.delete(vote).where(vote.c.item_id.in_(some)))
    for chunk in chunks(rows):
        tx.execute(sa.insert(vote), chunk)


def votes(tx: Connection, project_id: int, question: str) -> Sequence[Any]:
    """Every vote on a question in order of item: id, item_id, annotation_id, person_id, label, truth, support."""
    columns = (vote.c.id, vote.c.item_id, vote.c.annotation_id, vote.c.person_id, vote.c.label, vote.c.truth)
    query = sa.select(*columns, vote.c.support).where(vote.c.project_id == project_id, vote.c.question == question)
    return tx.execute(query.order_by(vote.c.item_id, vote.c.id)).all()


def set_supports(tx: Connection, supports: Sequence[dict[str, Any]]) -> None:
    """`{vote_id, new_support}` each."""
    if supports:
        tx.execute(_SUPPORT, supports)


def replace_consensus(
    tx: Connection, project_id: int, item_ids: Sequence[int], question: str, rows: Sequence[Consensus]
) -> None:
    """What is agreed on these items about a question is now this."""
    for some in chunks(item_ids):
        tx.execute(sa.delete(consensus).where(consensus.c.item_id.in_(some), consensus.c.question == question))
    for chunk in chunks(rows):
        tx.execute(sa.insert(consensus), [{"project_id": project_id, **_columns(row)} for row in chunk])


def _columns(row: Consensus) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Consensus.__dataclass_fields__}


def of_items(tx: Connection, item_ids: Sequence[int]) -> list[Consensus]:
    """What is agreed on these items, all questions."""
    found: list[Consensus] = []
    for some in chunks(item_ids):
        query = _CONSENSUS.where(consensus.c.item_id.in_(some)).order_by(consensus.c.item_id, consensus.c.id)
        found += [Consensus(**row) for row in tx.execute(query).mappings()]
    return found


def of_question(tx: Connection, project_id: int, question: str) -> list[Consensus]:
    """What is agreed about one question on all items."""
    query = _CONSENSUS.where(consensus.c.project_id == project_id, consensus.c.question == question)
    return [Consensus(**row) for row in tx.execute(query).mappings()]


def labels(tx: Connection, project_id: int, question: str, split: str | None) -> list[Label]:
    """The agreed answers to a question in order of item."""
    query = _LABELS if split is None else _LABELS.where(consensus.c.split == split)
    return [Label(*row) for row in tx.execute(query, {"project": project_id, "question": question})]


def count_by_split(tx: Connection, project_id: int, question: str) -> dict[str, int]:
    """`{split: items with an agreed answer}`."""
    query = (
        sa.select(consensus.c.split, sa.func.count())
        .where(consensus.c.project_id == project_id, consensus.c.question == question)
        .group_by(consensus.c.split)
    )
    return {str(split): int(n) for split, n in tx.execute(query)}


def count_by_split_any(tx: Connection, project_id: int) -> dict[str, int]:
    """`{split: items with an agreed answer to some question}`."""
    query = (
        sa.select(consensus.c.split, sa.func.count(consensus.c.item_id.distinct()))
        .where(consensus.c.project_id == project_id)
        .group_by(consensus.c.split)
    )
    return {str(split): int(n) for split, n in tx.execute(query)}


def count_by_label(tx: Connection, project_id: int, question: str) -> dict[str, int]:
    """`{label: items}`."""
    query = (
        sa.select(consensus.c.label, sa.func.count())
        .where(consensus.c.project_id == project_id, consensus.c.question == question, consensus.c.label.is_not(None))
        .group_by(consensus.c.label)
    )
    return {str(label): int(n) for label, n in tx.execute(query)}


def item_ids(
    tx: Connection,
    project_id: int,
    question: str,
    *,
    label: str | None = None,
    split: str | None = None,
    min_disagreement: float | None = None,
    after: int = 0,
    limit: int = CHUNK,
    by_disagreement: bool = False,
) -> list[int]:
    """Items with this agreed label and at least this disagreement, in order of id or the most disputed first."""
    query = sa.select(consensus.c.item_id).where(
        consensus.c.project_id == project_id, consensus.c.question == question, consensus.c.item_id > after
    )
    if label is not None:
        query = query.where(consensus.c.label == label)
    if split is not None:
        query = query.where(consensus.c.split == split)
    if min_disagreement is not None:
        query = query.where(consensus.c.disagreement >= min_disagreement)
    order = [consensus.c.disagreement.desc()] if by_disagreement else []
    return [int(item) for item in tx.scalars(query.order_by(*order, consensus.c.item_id).limit(limit))]


def most_disputed(tx: Connection, project_id: int, question: str, after: int, limit: int) -> list[int]:
    """Items in falling order of disagreement, following the item `after` (0: from the most disputed)."""
    query = sa.select(consensus.c.item_id).where(consensus.c.project_id == project_id, consensus.c.question == question)
    if after:
        where = sa.select(consensus.c.disagreement).where(
            consensus.c.item_id == after, consensus.c.question == question
        )
        at = tx.scalar(where) or 0.0
        query = query.where(sa.tuple_(consensus.c.disagreement, consensus.c.item_id) < sa.tuple_(at, after))
    order = (consensus.c.disagreement.desc(), consensus.c.item_id.desc())
    return list(tx.scalars(query.order_by(*order).limit(limit)))


def tallies(tx: Connection, project_id: int, question: str) -> list[Any]:
    """Of each person: answers that can be judged, the sum of their support, and the mean agreement with others."""
    query = (
        sa.select(
            vote.c.person_id,
            sa.func.count(vote.c.support).label("judged"),
            sa.func.coalesce(sa.func.sum(vote.c.support), 0.0).label("right"),
            sa.func.avg(vote.c.agreement).label("agreement"),
            sa.func.count().label("answers"),
        )
        .where(vote.c.project_id == project_id, vote.c.question == question, vote.c.person_id.is_not(None))
        .group_by(vote.c.person_id)
        .order_by(vote.c.person_id)
    )
    return list(tx.execute(query))


def replace_skills(tx: Connection, project_id: int, question: str, rows: Sequence[Skill], at: int) -> None:
    """The people's skills in a question are now these."""
    tx.execute(sa.delete(skill).where(skill.c.project_id == project_id, skill.c.question == question))
    values = [
        {
            "project_id": project_id,
            "updated_at": at,
            **{name: getattr(row, name) for name in Skill.__dataclass_fields__},
        }
        for row in rows
    ]
    if values:
        tx.execute(sa.insert(skill), values)


def skills(tx: Connection, project_id: int) -> list[Skill]:
    """Every person's skill in every question."""
    columns = [skill.c[name] for name in Skill.__dataclass_fields__]
    query = sa.select(*columns).where(skill.c.project_id == project_id).order_by(skill.c.person_id, skill.c.question)
    return [Skill(*row) for row in tx.execute(query)]


def agreements(tx: Connection, project_id: int) -> list[Any]:
    """Of each question: mean similarity of two people's answers, and how many answers could be compared."""
    query = (
        sa.select(vote.c.question, sa.func.avg(vote.c.agreement), sa.func.count(vote.c.agreement))
        .where(vote.c.project_id == project_id)
        .group_by(vote.c.question)
    )
    return list(tx.execute(query))
