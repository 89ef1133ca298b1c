"""What the database refuses, as problems: by SQLSTATE, never by message, because messages quote row values."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from shared.terms.errors import DomainError

_CONNECTION = ("08", "57P")


def database_problem(error: DBAPIError) -> DomainError | None:
    """The refusal a database error means, or ``None`` when it is a mistake of ours."""
    state = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")
    if state in ("23505", "23503", "23P01"):
        return DomainError("resource.conflict", params={"what": _constraint(error) or state})
    if state in ("22021", "22P05"):
        return DomainError("request.text_not_kept")
    if state == "42501":
        return DomainError("auth.forbidden", params={"action": "row-level security"})
    if state in ("40001", "40P01", "55P03"):
        return DomainError("server.busy")
    if state == "53100":
        return DomainError("server.storage_full")
    if error.connection_invalidated or state.startswith(_CONNECTION) or state.startswith("53"):
        return DomainError("server.unavailable", params={"what": "PostgreSQL"})
    return None


def _constraint(error: DBAPIError) -> str | None:
    cause = getattr(error.orig, "__cause__", None)
    name = getattr(cause, "constraint_name", None)
    return str(name) if name else None
