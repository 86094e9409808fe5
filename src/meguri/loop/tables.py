"""Tables of the loop: its rounds and its steps."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

# One row a project: whether it runs. Everything else about the loop is computed from facts.
loop_state = Table(
    "loop_state",
    metadata,
    Column("project_id", Id, primary_key=True, autoincrement=False),
    Column("running", Boolean, nullable=False),
    at_column("changed_at"),
)

# What the loop did, with its reason; append-only.
loop_step = Table(
    "loop_step",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("step", String(16), nullable=False),
    Column("round", Integer, nullable=False),
    Column("code", String(64), nullable=False),  # the reason's name in the message catalogue
    Column("params", Json, nullable=False),
    Column("facts", Json, nullable=False),  # what it was decided on
    Column("result", Json),
    at_column("started_at"),
    at_column("ended_at", nullable=True),
    Index("ix_loop_step_project", "project_id", "id"),
    Index("ix_loop_step_kind", "project_id", "step", "id"),
)

# One point of the learning curve for every model measured.
loop_round = Table(
    "loop_round",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("round", Integer, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("model_version_id", Id, nullable=False),
    Column("metrics", Json, nullable=False),
    at_column("created_at"),
    Index("uq_loop_round", "project_id", "round", unique=True),
)
