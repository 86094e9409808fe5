"""Logs as lines of JSON on standard error, with the request they belong to and without secrets."""

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
    """Send everything that this process and its libraries log to standard error as JSON, from `level` up."""
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
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
