"""Every setting of an installation, read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from meguri.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Config:
    """Where things are kept and what is allowed.

    Each field is the environment variable `MEGURI_<FIELD>`; `docs/settings.md` explains them all.
    """

    data: Path = Path("meguri-data")
    database_url: str = ""  # empty: SQLite in the data folder
    blobs_url: str = (
        ""  # empty: a folder in the data folder; else anything that fsspec opens, such as s3://bucket/prefix
    )
    host: str = "127.0.0.1"
    port: int = 8321
    public_url: str = ""  # what people type; links in invitations and secure cookies follow it
    max_upload_mb: int = 2048  # of one request
    max_item_mb: int = 64  # of one item
    max_row_mb: int = 8  # of one line of CSV or JSON lines
    session_days: int = 30
    private_webhooks: int = 0  # 1: webhooks may go to private and loopback addresses
    worker_slots: int = 2  # jobs that one worker runs at a time
    log_level: str = "info"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **given: object) -> "Config":
        """The settings of the environment, overridden by what is `given` and not None."""
        environ = os.environ if environ is None else environ
        found: dict[str, object] = {}
        for field in fields(cls):
            text = environ.get(f"MEGURI_{field.name.upper()}")
            if text is not None:
                found[field.name] = _read(field.name, text, field.default)
        found.update({name: value for name, value in given.items() if value is not None})
        return replace(cls(), **found)  # type: ignore[arg-type]

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data / 'meguri.db'}"

    @property
    def blobs(self) -> str:
        """Where blobs are kept, as fsspec writes it."""
        return self.blobs_url or str(self.data / "blobs")


def _read(name: str, text: str, default: object) -> object:
    """A variable's text as the type of its default; raises Invalid with the variable's name."""
    if not isinstance(default, int):
        return type(default)(text)  # type: ignore[call-arg]
    if not text.strip().isdecimal():
        variable = f"MEGURI_{name.upper()}"
        raise Invalid(
            f"{variable} must be a whole number, not {text!r}.",
            code="settings.invalid",
            where=[{"field": variable, "problem": "is not a whole number"}],
        )
    return int(text)
