"""Tables of what was measured, what the gate said, and which model bears which name."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

report = Table(
    "report",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("model_version_id", "model_version", index=True),
    Column("split", String(12), nullable=False),
    Column("items", Integer, nullable=False),
    Column("items_hash", String(64), nullable=False),  # of the ids and labels it was measured on
    Column("metrics", Json, nullable=False),
    Column("blob", String(64), nullable=False),  # item by item: truth, answer, probabilities
    at_column("created_at"),
    Index("ix_report_project", "project_id", "id"),
)

verdict = Table(
    "verdict",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("challenger_id", Id, nullable=False),
    Column("champion_id", Id),  # null: there was none
    Column("gate", String(64), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("reasons", Json, nullable=False),  # list of {gate, passed, code, params, text}
    at_column("created_at"),
    Index("ix_verdict_project", "project_id", "id"),
)

# Promotion and rollback move a name; the newest row of an alias says where it points.
alias_move = Table(
    "alias_move",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("alias", String(16), nullable=False),  # champion, challenger, shadow
    Column("model_version_id", Id),  # null: the name points nowhere
    Column("kind", String(16), nullable=False),  # promote, rollback
    Column("actor", String(64), nullable=False),
    Column("why", Text, nullable=False),
    at_column(),
    Index("ix_alias_move", "project_id", "alias", "id"),
)
