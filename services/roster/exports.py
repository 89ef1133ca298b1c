"""Exports: a whole selection as one file, the same bytes for the same content, named by their hash."""

import asyncio
import hashlib
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl
from fastapi import Request
from fastapi.responses import FileResponse, Response
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from shared.kernel.web.etag import etag, not_modified

PART_ROWS = 20_000


class ExportFormat(StrEnum):
    """Formats of an export."""

    PARQUET = "parquet"
    NDJSON = "ndjson"


_MEDIA_TYPES = {ExportFormat.PARQUET: "application/vnd.apache.parquet", ExportFormat.NDJSON: "application/x-ndjson"}


async def streamed_frame(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], schema: dict[str, pl.DataType]
) -> pl.DataFrame:
    """A select's rows as a frame, in its order, fetched in parts so that Python objects never pile up.

    Args:
        session: the transaction.
        statement: selects the columns of ``schema`` in that order, totally ordered.
        schema: names and types.
    """
    parts = [pl.DataFrame(schema=schema)]
    result = await session.stream(statement)
    async for rows in result.partitions(PART_ROWS):
        parts += [pl.DataFrame(_plain(rows), schema=schema, orient="row")]
    return pl.concat(parts)


def _plain(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows]


async def export_answer(request: Request, frame: pl.DataFrame, format: ExportFormat, *, name: str) -> Response:
    """The frame as a file with the hash of its bytes as ETag; 304 when the caller has it."""
    folder = tempfile.TemporaryDirectory(prefix="export-")
    path = Path(folder.name) / f"{name}.{format}"
    try:
        sha256 = await asyncio.to_thread(_write, frame, path, format)
        unchanged = not_modified(request, etag(sha256))
    except BaseException:
        folder.cleanup()
        raise
    if unchanged is not None:
        folder.cleanup()
        return unchanged
    headers = {"ETag": etag(sha256), "X-Row-Count": str(frame.height), "Cache-Control": "private"}
    return FileResponse(
        path,
        media_type=_MEDIA_TYPES[format],
        filename=path.name,
        headers=headers,
        background=BackgroundTask(folder.cleanup),
    )


def _write(frame: pl.DataFrame, path: Path, format: ExportFormat) -> str:
    if format is ExportFormat.PARQUET:
        frame.write_parquet(path, compression="zstd")
    else:
        frame.write_ndjson(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
