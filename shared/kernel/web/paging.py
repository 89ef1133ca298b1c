"""Cursor paging: deep pages cost what the first costs, and a cursor belongs to its filters."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from shared.terms.errors import DomainError

T = TypeVar("T")
MAX_PAGE = 1_000


class Page(BaseModel, Generic[T]):
    """A page of a collection; ``next_cursor`` is null on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Where a page starts and how long it is."""

    size: int
    after: tuple[Any, ...] | None
    filters: str

    def cursor(self, key: Sequence[Any]) -> str:
        """The cursor of the page after ``key``, bound to this request's filters."""
        payload = json.dumps([self.filters, [str(part) for part in key]], ensure_ascii=False)
        return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def _page_request(
    request: Request,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE, description="每页条数 / rows per page")] = 100,
    cursor: Annotated[str | None, Query(max_length=2_000, description="上一页的 next_cursor")] = None,
) -> PageRequest:
    filters = sorted((k, v) for k, v in request.query_params.multi_items() if k not in ("cursor", "page_size"))
    bound = _bound(request.url.path, filters)
    return PageRequest(page_size, _decode(cursor, bound) if cursor else None, bound)


def first_page(path: str, size: int) -> PageRequest:
    """The first page of a collection that is read at another address, without filters: its cursors are good there."""
    return PageRequest(size, None, _bound(path, []))


def _bound(path: str, filters: Sequence[tuple[str, str]], identity: str = "") -> str:
    return hashlib.sha256(f"{path}{filters}{identity}".encode()).hexdigest()[:16]


def page_of_body(request: Request, identity: str, *, size: int, cursor: str | None) -> PageRequest:
    """The page of a query whose filters stand in its body.

    Args:
        request: the request; its address and query parameters bind the cursor too.
        identity: a hash of everything else that binds it.
        size: rows per page.
        cursor: the last page's ``next_cursor``.

    Raises:
        DomainError: ``request.cursor_invalid``.
    """
    bound = _bound(request.url.path, sorted(request.query_params.multi_items()), identity)
    return PageRequest(size, _decode(cursor, bound) if cursor else None, bound)


def _decode(cursor: str, bound: str) -> tuple[Any, ...]:
    try:
        filters, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise DomainError("request.cursor_invalid") from error
    if filters != bound or not isinstance(key, list):
        raise DomainError("request.cursor_invalid")
    return tuple(key)


#: The page an endpoint was asked for.
Paging = Annotated[PageRequest, Depends(_page_request)]


async def fetch_page(
    session: AsyncSession,
    statement: Select[T],
    page: PageRequest,
    *,
    key: Sequence[Any],
    present: Callable[[T], Any],
) -> dict[str, Any]:
    """One page of a select, ordered by ``key`` columns (unique together, of text or uuid type).

    Returns:
        ``{"items": [...], "next_cursor": ...}`` with each row passed through ``present``.
    """
    if page.after is not None:
        if len(page.after) != len(key):
            raise DomainError("request.cursor_invalid")
        statement = statement.where(tuple_(*key) > tuple_(*_typed(key, page.after)))
    rows = list((await session.scalars(statement.order_by(*key).limit(page.size + 1))).all())
    more = len(rows) > page.size
    rows = rows[: page.size]
    last = [getattr(rows[-1], column.key) for column in key] if more else []
    return {"items": [present(row) for row in rows], "next_cursor": page.cursor(last) if more else None}


def page_of(items: Iterable[T], page: PageRequest, *, key: Callable[[T], str]) -> dict[str, Any]:
    """One page of a collection held in memory, ordered by ``key``: short lists read like long ones."""
    after = page.after[0] if page.after else ""
    rows = sorted((item for item in items if key(item) > after), key=key)
    more = len(rows) > page.size
    rows = rows[: page.size]
    return {"items": rows, "next_cursor": page.cursor([key(rows[-1])]) if more else None}


def _typed(key: Sequence[Any], values: Sequence[str]) -> list[Any]:
    try:
        return [column.type.python_type(value) for column, value in zip(key, values, strict=True)]
    except ValueError as error:
        raise DomainError("request.cursor_invalid") from error
