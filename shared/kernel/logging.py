"""Structured logs: one JSON line per event, no personal data.

Events carry ids and counts only. As a net beneath that rule, texts that look like identity numbers or tokens are struck
out, and exceptions are logged by type and place, never by message, because messages can quote row values.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

logger: structlog.stdlib.BoundLogger = structlog.get_logger()

_PERSONAL = re.compile(r"[GJL]?\d{17}[\dXx]|eyJ[\w-]+\.[\w-]+\.[\w-]*|1[3-9]\d{9}(?!\d)")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def strike_out_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces whatever looks like an identity number, phone number or token by ``[struck out]``."""
    for name, value in event.items():
        if isinstance(value, str) and name not in ("timestamp", "request_id"):
            event[name] = _PERSONAL.sub("[struck out]", value)
    return event


def configure_logging(service: str, level: str = "info") -> None:
    """Sends structlog's and the standard library's records to standard error as JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        strike_out_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_message_of_exceptions],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("event"),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    # These name query strings and statements, where personal data could stand.
    for noisy in ("uvicorn.access", "sqlalchemy.engine", "httpx", "psycopg.pool", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


def _without_message_of_exceptions(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    exc_info = event.pop("exc_info", None)
    if exc_info and exc_info is not True and exc_info[0] is not None:
        event["error"] = exc_info[0].__name__
    return event
