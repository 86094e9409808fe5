"""Tables of people, their keys and their roles."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from meguri.storage.schema import at_column, id_column, metadata, refers

person = Table(
    "person",
    metadata,
    id_column(),
    Column("email", String(320), nullable=False, unique=True),  # lower case
    Column("name", String(200), nullable=False),
    Column("password", Text),  # argon2id; null for a simulated person or one who has not set it yet
    Column("role", String(16), nullable=False),  # on the whole site: owner, engineer, operator, annotator
    Column("language", String(8), nullable=False),
    at_column("created_at"),
    at_column("disabled_at", nullable=True),
)

session = Table(
    "session",
    metadata,
    id_column(),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("csrf", String(64), nullable=False),
    refers("person_id", "person", index=True),
    at_column("created_at"),
    at_column("expires_at"),
)

token = Table(
    "token",
    metadata,
    id_column(),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("hint", String(12), nullable=False),  # the last characters, to recognise it by
    refers("person_id", "person", index=True),
    at_column("created_at"),
    at_column("revoked_at", nullable=True),
)

# project_id refers to a room above, so it is a plain number here and a foreign key nowhere.
membership = Table(
    "membership",
    metadata,
    id_column(),
    Column("project_id", id_column().type, nullable=False),
    refers("person_id", "person", index=True),
    Column("role", String(16), nullable=False),  # engineer, operator, annotator
    at_column("created_at"),
    Index("uq_membership_project_person", "project_id", "person_id", unique=True),
)

invitation = Table(
    "invitation",
    metadata,
    id_column(),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("hint", String(12), nullable=False),
    Column("project_id", id_column().type),  # null: to the site, to no project yet
    Column("role", String(16), nullable=False),
    Column("uses_left", Integer, nullable=False),
    refers("made_by", "person"),
    at_column("created_at"),
    at_column("expires_at"),
    at_column("revoked_at", nullable=True),
)

attempt = Table(
    "login_attempt",
    metadata,
    id_column(),
    Column("who", String(400), nullable=False),  # an address or a network address, hashed
    Column("failed", Boolean, nullable=False),
    at_column(),
    Index("ix_login_attempt_who_at", "who", "at"),
)
