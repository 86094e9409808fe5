"""Tables of what people answered and what models proposed."""

from sqlalchemy import Column, Float, Index, String, Table

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

# One person's answer (or what an import brought along). Append-only: an undo is a row in `retraction`.
annotation = Table(
    "annotation",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item"),
    Column("task_id", Id),
    Column("assignment_id", Id),
    refers("person_id", "person", nullable=True),  # null: it came with an import
    Column("source", String(16), nullable=False),  # person, import
    Column("reason", String(16), nullable=False),  # of the task; "import" where there is none
    Column("answers", Json, nullable=False),  # {question: value}
    Column("seconds", Float),
    at_column("created_at"),
    Index("ix_annotation_item", "item_id", "id"),
    Index("ix_annotation_project", "project_id", "id"),
    Index("ix_annotation_person", "project_id", "person_id", "id"),
)

retraction = Table(
    "retraction",
    metadata,
    id_column(),
    refers("annotation_id", "annotation", unique=True),
    Column("why", String(16), nullable=False),  # undo, replaced
    at_column(),
)

# A model's proposed answer, kept for every version that made one.
suggestion = Table(
    "suggestion",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item"),
    Column("question", String(100), nullable=False),
    Column("value", Json, nullable=False),
    Column("score", Float, nullable=False),
    Column("model_version_id", Id, nullable=False),
    at_column("created_at"),
    Index("uq_suggestion_item", "item_id", "question", "model_version_id", unique=True),
)
