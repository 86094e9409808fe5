"""Tables of trained models and of what was selected."""

from sqlalchemy import Column, Float, Index, Integer, String, Table

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

model_version = Table(
    "model_version",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("number", Integer, nullable=False),
    refers("dataset_version_id", "dataset_version", nullable=True),
    Column("blob", String(64), nullable=False),  # the artefact
    Column("features", String(100), nullable=False),  # extractor and its version
    Column("card", Json, nullable=False),  # model card: what, from what, by whom, how well in training, seed, seconds
    Column("made_by", String(64), nullable=False),  # actor
    Column("round", Integer, nullable=False),
    at_column("created_at"),
    Index("uq_model_version", "project_id", "number", unique=True),
)

# Which strategy chose which item, in which place, and with which probability where it was drawn.
selection = Table(
    "selection",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item"),
    Column("round", Integer, nullable=False),
    Column("strategy", String(64), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("score", Float),
    Column("probability", Float),
    Column("model_version_id", Id),
    at_column(),
    Index("ix_selection_round", "project_id", "round", "rank"),
)
