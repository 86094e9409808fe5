"""Tables of items and dataset versions."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from meguri.storage.schema import Id, Json, at_column, id_column, metadata, refers

item = Table(
    "item",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("key", String(500)),  # the client's own name for it
    Column("hash", String(64), nullable=False),  # SHA-256 of the content
    Column("modality", String(32), nullable=False),
    Column("split", String(12), nullable=False),  # train, validation, test; fixed at entry
    Column("gold", Boolean, nullable=False),
    Column("text", Text),  # content of a text item
    Column("blob", String(64)),  # content of every other one
    Column("mime", String(100)),
    Column("bytes", BigInteger, nullable=False),
    Column("traits", Json, nullable=False),  # what its modality tells of it: width, height, length
    Column("meta", Json, nullable=False),  # what the client said of it
    at_column("created_at"),
    Index("uq_item_project_hash", "project_id", "hash", unique=True),
    Index("uq_item_project_key", "project_id", "key", unique=True),
    Index("ix_item_project", "project_id", "id"),
    Index("ix_item_split", "project_id", "split", "id"),
)

# How many items a project has, changed in the same transaction as the items; a test compares it with a recount.
item_count = Table(
    "item_count",
    metadata,
    Column("project_id", Id, primary_key=True, autoincrement=False),
    Column("split", String(12), primary_key=True),
    Column("n", Integer, nullable=False),
)

# A frozen, content-addressed list of items, labels and splits; the rows are a blob of JSON lines.
dataset_version = Table(
    "dataset_version",
    metadata,
    id_column(),
    refers("project_id", "project"),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("counts", Json, nullable=False),  # {split: n}
    Column("note", Text, nullable=False),
    at_column("created_at"),
    Index("uq_dataset_version", "project_id", "number", unique=True),
)
