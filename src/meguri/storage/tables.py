"""Tables that belong to no single room: the journal and the jobs."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text, text

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
    Column("queue", String(32), nullable=False),  # cpu, gpu; empty until the relay asks the handler
    Column("project_id", Id),
    Column("serial", String(200)),  # jobs of one serial never run at the same time
    Column("bundle", String(200)),  # shards of one piece of work
    Column("after", String(200)),  # waits until every job of that bundle is done
    Column("args", Json, nullable=False),
    Column("state", String(16), nullable=False),  # queued, running, done, failed
    Column("progress", Float, nullable=False),  # 0 … 1
    Column("note", Text, nullable=False),  # what it is doing, in words
    Column("log", Text, nullable=False),
    Column("error", Text),
    Column("result", Json),
    Column("tries", Integer, nullable=False),  # how often it was started since it was last asked for
    Column("deaths", Integer, nullable=False),  # how often a worker died under it since then
    Column("attempt", Integer, nullable=False),  # how often it was put back; part of the engine's id of it
    Column("worker", String(100)),
    at_column("created_at"),
    at_column("due_at"),  # not before
    at_column("started_at", nullable=True),
    at_column("ended_at", nullable=True),
    at_column("handed_at", nullable=True),  # given to the engine; null while it waits in the outbox
    at_column("changed_at"),
    Index("ix_job_project", "project_id", "id"),
    Index("ix_job_changed", "project_id", "changed_at"),
    Index("ix_job_outbox", "id", sqlite_where=text("handed_at IS NULL"), postgresql_where=text("handed_at IS NULL")),
    Index("ix_job_state", "state", "ended_at"),
    Index("ix_job_serial", "serial", "state"),
    Index("ix_job_bundle", "bundle", "state"),
)

tick = Table(
    "tick",
    metadata,
    Column("name", String(64), primary_key=True),
    at_column(),  # when a worker last ran it
)
