"""Tables of what the answers add up to. Derived: they can be recomputed from the annotations at any time."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

consensus = Table(
    "consensus",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item"),
    Column("split", String(12), nullable=False),  # the item's, which never changes
    Column("question", String(100), nullable=False),
    Column("value", Json, nullable=False),
    Column("label", String(500)),  # the value as text, for filters; null where it has no short form
    Column("confidence", Float, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("disagreement", Float, nullable=False),  # 1 - mean similarity of the answers to the consensus
    Column("aggregator", String(64), nullable=False),
    at_column("updated_at"),
    Index("uq_consensus_item_question", "item_id", "question", unique=True),
    Index("ix_consensus_split", "project_id", "question", "split", "item_id"),
    Index("ix_consensus_label", "project_id", "question", "label", "item_id"),
    Index("ix_consensus_disagreement", "project_id", "question", "disagreement", "item_id"),
)

# One answer to one question as the aggregators see it.
vote = Table(
    "vote",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item", index=True),
    Column("question", String(100), nullable=False),
    Column("annotation_id", Id, nullable=False),
    Column("person_id", Id),  # null: it came with an import
    Column("label", String(500)),  # one of the question's classes, where an answer is exactly one
    Column("truth", Boolean, nullable=False),  # an import or an adjudication: settles the item
    Column("support", Float),  # how far the consensus holds the answer right; null where nobody else answered
    Column("agreement", Float),  # mean similarity to the other people's answers; null where there are none
    Index("ix_vote_person", "project_id", "question", "person_id"),
)

# How far the annotations and retractions of a project have been read.
reading = Table(
    "quality_reading",
    metadata,
    Column("project_id", Id, primary_key=True, autoincrement=False),
    Column("annotation_id", Id, nullable=False),
    Column("retraction_id", Id, nullable=False),
    Column("aggregator", String(64), nullable=False),
)

skill = Table(
    "skill",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("person_id", "person"),
    Column("question", String(100), nullable=False),
    Column("value", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("answers", Integer, nullable=False),
    at_column("updated_at"),
    Index("uq_skill", "project_id", "person_id", "question", unique=True),
)
