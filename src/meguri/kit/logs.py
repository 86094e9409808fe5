"""Logs on standard error, with the request they belong to and without secrets: JSON lines, or words on a terminal."""

import logging
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

# Keys whose value is never written, wherever a log call or a library may have put it.
SECRET = frozenset({"authorization", "cookie", "csrf", "password", "old_password", "secret", "set-cookie", "token"})


def without_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """Replace the value of every key that names a secret."""
    for key in event.keys() & SECRET:
        event[key] = "…"
    return event


def configure(level: str = "info") -> None:
    """Send everything that this process and its libraries log to standard error, from `level` up.

    A program that reads it gets lines of JSON, a person at a terminal gets plain lines.
    """
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        # Local variables of a traceback may hold passwords and texts of items.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        without_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _for_people() if sys.stderr.isatty() else _for_programs(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    logging.getLogger("alembic").setLevel(max(number, logging.WARNING))  # that nothing had to be migrated is no news


def _for_programs() -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _for_people() -> Processor:
    return structlog.dev.ConsoleRenderer(timestamp_key="at", pad_event_to=0)
