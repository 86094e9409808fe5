"""Everything of an installation on SQLite in one file, and back.

The file is a ZIP: `meguri.db`, a consistent copy of the database; `blobs/…`, unless they are kept elsewhere
(`MEGURI_BLOBS_URL`); `backup.json`, what it is. The engine's own file stays out: what it knew is asked for anew. An
installation on PostgreSQL is dumped with PostgreSQL's own tools (`docs/commands.md`).
"""

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from alembic.util.exc import CommandError

from meguri import __version__
from meguri.kit import clock
from meguri.kit.config import Config
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.storage import migrate
from meguri.storage.blobs import CHUNK, Blobs, is_blob, place
from meguri.storage.store import Store

DATABASE = "meguri.db"
MANIFEST = "backup.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself."""

    format: int
    version: str
    at: str
    blobs: int | None  # how many; None: they are kept elsewhere


def write(store: Store, target: Path) -> Backup:
    """Write everything into the new file `target`, while others may go on working.

    Raises `NotFound` when its folder is missing, and `Conflict` when the file exists, and on PostgreSQL.
    """
    if not store.database.is_sqlite:
        raise Conflict(
            "This installation is on PostgreSQL: dump the database with `pg_dump`, and copy the blobs.",
            code="storage.backup_postgres",
        )
    if not target.absolute().parent.is_dir():
        raise NotFound(f"There is no folder {target.parent}; make it first.", code="storage.backup_folder")
    if target.exists():
        raise Conflict(f"{target} exists; give a new name.", code="storage.backup_exists")
    with _draft(target) as draft:
        with ZipFile(draft, "x", ZIP_STORED) as archive:
            _write_database(store, archive)
            # After the database: a blob is kept before its name is written, so none is missing.
            count = None if store.config.blobs_url else _write_blobs(store.blobs, archive)
            made = Backup(FORMAT, __version__, clock.iso(clock.now()), count)
            archive.writestr(MANIFEST, json.dumps(asdict(made), indent=2))
        _flush(draft)
        draft.replace(target)
    return made


def restore(config: Config, source: Path) -> Backup:
    """Put a backup into the data folder, which must be empty or missing; returns what it was.

    Every blob's hash is checked, and the database's integrity; if anything is wrong nothing stays.
    """
    folder = config.data
    if config.database_url:
        raise Conflict(
            "A backup is restored to SQLite in a data folder; unset MEGURI_DATABASE_URL.",
            code="storage.restore_postgres",
        )
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty; give an empty or new folder.", code="storage.restore_not_empty")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _draft(folder) as draft:
        found = _unpack(source, draft)
        _check_database(draft)
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    return found


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A name beside the target; what is there at the end goes away."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield draft
    finally:
        if draft.is_dir():
            shutil.rmtree(draft)
        else:
            draft.unlink(missing_ok=True)


def _write_database(store: Store, archive: ZipFile) -> None:
    """A copy as of one moment, made through a connection of its own; writers go on."""
    with _draft(store.folder / DATABASE) as copy:
        with closing(sqlite3.connect(store.database.engine.url.database or "")) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        archive.write(copy, DATABASE, ZIP_DEFLATED)


def _write_blobs(blobs: Blobs, archive: ZipFile) -> int:
    count = 0
    for name in blobs.names():
        with blobs.open(name) as source, archive.open(_place(name), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, CHUNK)
        count += 1
    return count


def _place(blob: str) -> str:
    return f"blobs/{place(blob)}"


def _unpack(source: Path, folder: Path) -> Backup:
    try:
        with ZipFile(source) as archive:
            found = _manifest(archive)
            folder.mkdir(mode=0o700)
            for name in archive.namelist():
                if name != MANIFEST:
                    _unpack_one(archive, name, folder)
    except FileNotFoundError:
        raise NotFound(f"There is no file {source}.", code="storage.backup_missing") from None
    except (zipfile.BadZipFile, EOFError):
        raise _broken(f"{source} is not a backup, or was cut off") from None
    return found


def _manifest(archive: ZipFile) -> Backup:
    try:
        found = Backup(**json.loads(archive.read(MANIFEST)))
    except (KeyError, TypeError, ValueError):
        raise _broken("The file is not a backup of Meguri") from None
    if found.format > FORMAT:
        raise _broken(f"The backup was made by version {found.version}; install that or a later one first")
    return found


def _unpack_one(archive: ZipFile, name: str, folder: Path) -> None:
    """Only what we write is taken out: no name leads elsewhere."""
    blob = name.rpartition("/")[2]
    if name != DATABASE and not (is_blob(blob) and name == _place(blob)):
        raise _broken(f"The backup holds a file that does not belong there: {name[:100]!r}")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with archive.open(name) as packed, path.open("xb") as target:
        written = _copy(packed, target)
        target.flush()
        os.fsync(target.fileno())
    if name != DATABASE and written != blob:
        raise _broken(f"The file {blob[:12]}… in the backup is damaged")


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy, and give the hash of what was copied."""
    seen = hashlib.sha256()
    while chunk := source.read(CHUNK):
        seen.update(chunk)
        target.write(chunk)
    return seen.hexdigest()


def _check_database(folder: Path) -> None:
    """The database is whole, and of this version or one that can be brought to it."""
    path = folder / DATABASE
    if not path.exists():
        raise _broken("The backup holds no database")
    try:
        with closing(sqlite3.connect(path)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        whole = False
    if not whole:
        raise _broken("The database in the backup is damaged")
    store = Store.open(Config(data=folder))
    try:
        migrate.upgrade(store)
    except CommandError:
        raise _broken("The backup was made by a later version; install that first") from None
    finally:
        store.close()


def _flush(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _broken(words: str) -> Invalid:
    return Invalid(f"{words}; nothing was restored.", code="storage.backup_broken")
