"""Tables of what the answers add up to. Derived: they can be recomputed from the annotations at any time."""

from sqlalchemy import Column, Float, Index, Integer, String, Table

from meguri.storage.schema import Json, at_column, id_column, metadata, refers

consensus = Table(
    "consensus",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item"),
    Column("question", String(100), nullable=False),
    Column("value", Json, nullable=False),
    Column("label", String(500)),  # the value as text, for filters; null where it has no short form
    Column("confidence", Float, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("disagreement", Float, nullable=False),  # 1 - mean similarity of the answers to the consensus
    Column("aggregator", String(64), nullable=False),
    at_column("updated_at"),
    Index("uq_consensus_item_question", "item_id", "question", unique=True),
    Index("ix_consensus_label", "project_id", "question", "label", "item_id"),
    Index("ix_consensus_disagreement", "project_id", "question", "disagreement", "item_id"),
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
