"""Tables of what was decided in production and what was told to the client."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, text

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

decision = Table(
    "decision",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item", nullable=True, index=True),
    Column("key", String(500)),
    Column("answer", Json, nullable=False),  # {question: value}
    Column("score", Float, nullable=False),
    Column("probabilities", Json),
    Column("decision", String(16), nullable=False),  # automate, review, abstain
    Column("policy", String(64), nullable=False),
    Column("threshold", Float),
    Column("model_version_id", Id),  # null: the client's own model
    Column("review_id", Id),  # the task
    at_column("created_at"),
    Index("ix_decision_project", "project_id", "id"),
    Index("ix_decision_review", "review_id"),
    Index("ix_decision_key", "project_id", "key"),
)

# How many of each there are, changed in the same transaction as the decisions; a test compares it with a recount.
decision_count = Table(
    "decision_count",
    metadata,
    Column("project_id", Id, primary_key=True, autoincrement=False),
    Column("decision", String(16), primary_key=True),
    Column("n", Integer, nullable=False),
)

outcome = Table(
    "outcome",
    metadata,
    id_column(),
    refers("decision_id", "decision", index=True),
    Column("answers", Json, nullable=False),
    Column("source", String(16), nullable=False),  # review, report, appeal, return
    Column("actor", String(64), nullable=False),
    Column("annotation_id", Id),
    at_column("created_at"),
)

webhook = Table(
    "webhook",
    metadata,
    id_column(),
    refers("project_id", "project", index=True),
    Column("url", Text, nullable=False),
    Column("secret", String(100), nullable=False),  # signs each delivery; shown once
    at_column("created_at"),
    at_column("disabled_at", nullable=True),
)

# The outbox: written with the outcome, sent by a job, retried until it arrives.
delivery = Table(
    "delivery",
    metadata,
    id_column(),
    refers("webhook_id", "webhook", index=True),
    refers("outcome_id", "outcome"),
    Column("body", Json, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("last_status", Integer),
    Column("last_error", Text),
    at_column("next_at", nullable=True),  # null: given up or delivered
    at_column("created_at"),
    Index(
        "ix_delivery_due",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
)
