"""Answers of the reading routes: what a caller already has is not sent again, and nobody else may keep a copy."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from services.monitoring.results.change_list import ChangeList, Side, change_list
from services.monitoring.results.figures import rows_as_json
from services.monitoring.results.frames import FrameCache, ResultFrames
from services.monitoring.results.reading import Export, ExportFormat, Question, export_table, read_rows
from services.monitoring.results.rules import DATA_MODEL_VERSION
from services.monitoring.results.service.read import Reading
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import PageRequest
from shared.policy.visibility import policy_digest
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: A copy may be kept by its reader alone, and is asked about before it is used again: results can be withdrawn.
CACHE_CONTROL = "private, no-cache"
#: Candidates' marks are kept by nobody: every reading is asked for, and noted.
PRIVATE = {"Cache-Control": "private, no-store"}
CHECKSUM_HEADER = "X-Content-SHA256"


@dataclass(frozen=True, slots=True)
class TableRows:
    """A page of a table: rows as JSON, and where the next page begins."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def frames_of(request: Request, reading: Reading) -> ResultFrames:
    """The frames of the version that is read; the application holds one cache for all."""
    state = request.app.state
    if not hasattr(state, "result_frames"):
        state.result_frames = FrameCache()
    return ResultFrames(kernel_of(request).columns, state.result_frames, reading.files)


async def change_list_of(
    request: Request, before: Reading, after: Reading, table: str, *, ranks: bool = False
) -> ChangeList:
    """What changed in a table between two versions, as their reader sees them."""
    older, newer = (
        Side(frames=frames_of(request, reading), question=reading.question(table, with_ranks=ranks))
        for reading in (before, after)
    )
    return await asyncio.to_thread(change_list, older, newer, after.changes.get(table))


def cache_headers(request: Request, actor: Actor, *content: str) -> dict[str, str]:
    """Headers of an answer that depends on ``content``, on the address and on who asks.

    Args:
        request: the request.
        actor: the caller.
        content: hashes or versions of what is shown.
    """
    who = [actor.org, *sorted(actor.roles)]
    parts = [*content, policy_digest(), DATA_MODEL_VERSION, *who, request.url.path, request.url.query]
    tag = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return {"ETag": etag(tag), "Cache-Control": CACHE_CONTROL, "Vary": "Authorization"}


def unchanged(request: Request, headers: Mapping[str, str]) -> Response | None:
    """A 304 when the caller already has this answer."""
    answer = not_modified(request, headers["ETag"])
    if answer is not None:
        answer.headers.update(headers)
    return answer


def as_json(body: BaseModel | Mapping[str, Any], headers: Mapping[str, str]) -> JSONResponse:
    """An answer with its caching headers; floats keep every digit."""
    content = body.model_dump(mode="json") if isinstance(body, BaseModel) else dict(body)
    return JSONResponse(content, headers=dict(headers))


async def table_rows(frames: ResultFrames, question: Question, *, page: PageRequest, version: str) -> TableRows:
    """One page of a table. A cursor belongs to the version it was given for.

    Raises:
        DomainError: ``request.cursor_invalid``.
    """
    return await asyncio.to_thread(table_rows_now, frames, question, page, version)


def table_rows_now(frames: ResultFrames, question: Question, page: PageRequest, version: str) -> TableRows:
    """As :func:`table_rows`, blocking."""
    offset = offset_of(page, version)
    rows, more = read_rows(frames, question, offset=offset, size=page.size)
    cursor = page.cursor([version, str(offset + page.size)]) if more else None
    return TableRows(rows_as_json(question.table, rows), cursor)


def offset_of(page: PageRequest, version: str) -> int:
    """Where a page begins.

    Raises:
        DomainError: ``request.cursor_invalid`` for a cursor of another version.
    """
    if page.after is None:
        return 0
    if len(page.after) != 2 or page.after[0] != version or not str(page.after[1]).isdecimal():
        raise DomainError("request.cursor_invalid")
    return int(page.after[1])


async def download(
    frames: ResultFrames, question: Question, export_format: ExportFormat, *, name: str, headers: Mapping[str, str]
) -> tuple[StreamingResponse, int]:
    """A whole table as a file, with its SHA-256; and how many rows it has."""
    export: Export = await asyncio.to_thread(export_table, frames, question, export_format)
    return as_file(export, export_format, name=f"{name}-{question.table}", headers=headers), export.rows


def as_file(export: Export, export_format: ExportFormat, *, name: str, headers: Mapping[str, str]) -> StreamingResponse:
    """A file that is ready, sent in pieces, with its SHA-256."""
    filename = quote(f"{name}.{export_format.value}")
    chunks: Callable[[], Any] = export.chunks
    return StreamingResponse(
        chunks(),
        media_type=export_format.media_type,
        headers={
            **headers,
            "Content-Length": str(export.size),
            "Content-Disposition": f"attachment; filename*=utf-8''{filename}",
            CHECKSUM_HEADER: export.sha256,
        },
    )
