"""Tables that belong to no single room: the journal and the jobs."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from meguri.storage.schema import Id, Json, at_column, id_column, metadata

journal = Table(
    "journal",
    metadata,
    id_column(),
    at_column(),
    Column("kind", String(64), nullable=False),  # labelling.answered, evaluation.promoted, …
    Column("actor", String(64), nullable=False),  # person:7, model:3, job:12, rule:4, system
    Column("project_id", Id),
    Column("item_id", Id),
    Column("task_id", Id),
    Column("model_version_id", Id),
    Column("policy", String(64)),
    Column("facts", Json, nullable=False),
    Index("ix_journal_project", "project_id", "id"),
    Index("ix_journal_item", "item_id", "id"),
)

job = Table(
    "job",
    metadata,
    id_column(),
    Column("name", String(64), nullable=False),  # loop.advance, data.import, serving.deliver, …
    Column("key", String(200), nullable=False, unique=True),  # the same key is the same job
    Column("queue", String(32), nullable=False),  # cpu, gpu
    Column("project_id", Id),
    Column("args", Json, nullable=False),
    Column("state", String(16), nullable=False),  # queued, running, done, failed
    Column("progress", Float, nullable=False),  # 0 … 1
    Column("note", Text, nullable=False),  # what it is doing, in words
    Column("log", Text, nullable=False),
    Column("error", Text),
    Column("result", Json),
    Column("tries", Integer, nullable=False),
    Column("worker", String(100)),
    at_column("created_at"),
    at_column("started_at", nullable=True),
    at_column("ended_at", nullable=True),
    at_column("handed_at", nullable=True),  # given to the engine; null while it waits in the outbox
    Index("ix_job_project", "project_id", "id"),
    Index(
        "ix_job_outbox",
        "id",
        sqlite_where=Column("handed_at").is_(None),
        postgresql_where=Column("handed_at").is_(None),
    ),
)
