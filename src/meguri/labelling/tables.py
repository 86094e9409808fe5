"""Tables of projects, tasks and the tasks lent to people."""

from sqlalchemy import Column, Index, Integer, SmallInteger, String, Table, Text, UniqueConstraint, text

from meguri.storage.schema import Id, Json, Millis, at_column, id_column, metadata, refers

project = Table(
    "project",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    Column("modality", String(32), nullable=False),
    Column("questions", Json, nullable=False),  # list of {name, type, title?, required, …config}
    Column("guidelines", Text, nullable=False),
    Column("settings", Json, nullable=False),  # labelling.model.Settings
    Column("seed", String(64), nullable=False),  # of the split and of every draw
    refers("made_by", "person", nullable=True),
    at_column("created_at"),
    at_column("archived_at", nullable=True),
    Column("stamp", String(32), nullable=False),  # drawn anew with every change of the row
)

# The last place given to a task of a project. Whoever gives places holds this row until the end of the
# transaction, so that places become visible in the order in which they were given.
queue = Table(
    "queue",
    metadata,
    Column("project_id", Id, primary_key=True, autoincrement=False),
    Column("last_place", Millis, nullable=False),
    Column("asked_to", Id),  # the last item that was asked about ahead; null: the loop says what is labelled
)

# One item that needs answers, with the reason. `open` is overlap minus answers minus live leases (0 once
# cancelled), changed in the same transaction as the assignment; a test compares it with a recount.
task = Table(
    "task",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("item_id", "item", index=True),
    Column("reason", String(16), nullable=False),  # selection, review, audit, adjudication, gold, recheck, collection
    Column("round", Integer, nullable=False),  # of the loop; 0 where it has none
    Column("overlap", SmallInteger, nullable=False),
    Column("answers", SmallInteger, nullable=False),
    Column("open", SmallInteger, nullable=False),
    Column("lane", SmallInteger, nullable=False),  # labelling.model.lane_of
    Column("place", Millis, nullable=False),  # in the lane, rising; fresh when the task comes back
    Column(
        "details", Json, nullable=False
    ),  # what the requester wants to remember (decision id, strategy, probability)
    at_column("created_at"),
    at_column("done_at", nullable=True),
    at_column("cancelled_at", nullable=True),
    Index(
        "ix_task_queue", "project_id", "lane", "place", sqlite_where=text("open > 0"), postgresql_where=text("open > 0")
    ),
    Index(
        "ix_task_pending",
        "project_id",
        "reason",
        "round",
        sqlite_where=text("done_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=text("done_at IS NULL AND cancelled_at IS NULL"),
    ),
    # Progress is counted in the index alone, without reading a row.
    Index("ix_task_progress", "project_id", "reason", "round", "overlap", "answers", "cancelled_at"),
)

# A task lent to a person until a deadline. It ends once: answered, skipped or expired.
assignment = Table(
    "assignment",
    metadata,
    id_column(),
    refers("project_id", "project"),
    refers("task_id", "task", index=True),
    refers("item_id", "item"),
    refers("person_id", "person"),
    at_column("lent_at"),
    at_column("expires_at"),
    at_column("ended_at", nullable=True),
    Column("outcome", String(16)),  # answered, skipped, expired
    Column("why", Text),  # the reason of a skip
    Column("annotation_id", Id),
    # One row a person and task: an expired or undone one is lent anew by changing it.
    UniqueConstraint("person_id", "task_id", name="uq_assignment_person_task"),
    Index("ix_assignment_person_item", "person_id", "item_id"),
    Index(
        "ix_assignment_live",
        "project_id",
        "expires_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_assignment_held",
        "person_id",
        "project_id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# How far a person has read a lane: every task up to that place was seen by them, is full, or is done.
cursor = Table(
    "cursor",
    metadata,
    Column("person_id", Id, primary_key=True),
    Column("project_id", Id, primary_key=True),
    Column("lane", SmallInteger, primary_key=True),
    Column("place", Millis, nullable=False),
    Index("ix_cursor_project", "project_id", "lane"),
)
