"""Pages and whole tables of a result set as one caller sees them. Everything here blocks: call it in a thread."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import BinaryIO, cast

import polars as pl

from services.monitoring.results.catalog import TABLES, Audience
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.views import TableView, table_view
from shared.kernel.tabular.safe_csv import write_safe_csv
from shared.policy.visibility import ResultVisibility
from shared.terms.errors import DomainError, Fault

_CHUNK = 1 << 16
#: What a view takes beside its withheld keys, roughly.
_VIEW_BYTES = 2_000


class ExportFormat(StrEnum):
    """Formats of a download."""

    PARQUET = "parquet"
    ARROW = "arrow"
    CSV = "csv"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        """Content type of the format."""
        return {
            ExportFormat.PARQUET: "application/vnd.apache.parquet",
            ExportFormat.ARROW: "application/vnd.apache.arrow.file",
            ExportFormat.CSV: "text/csv; charset=utf-8",
            ExportFormat.NDJSON: "application/x-ndjson",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A table somebody asks for.

    Args:
        table: name of the frame.
        visibility: what the policy shows the caller.
        min_n: smallest group whose figures leave its school.
        filters: values of key columns.
        with_ranks: whether ranks of candidates are asked for.
        is_drawn: whether the exam's schools are a drawn sample.
    """

    table: str
    visibility: ResultVisibility
    min_n: int
    filters: Mapping[str, str] = field(default_factory=dict)
    with_ranks: bool = False
    is_drawn: bool = False

    @property
    def caller(self) -> tuple[object, ...]:
        """What of the caller, and of the exam, decides which rows and figures are shown.

        Every part of the policy's decision, so that one added later cannot be forgotten: what is worked out for one
        caller is given to another only if nothing tells them apart.
        """
        decided = (getattr(self.visibility, part.name) for part in fields(self.visibility) if part.name != "decisions")
        seen = (tuple(sorted(part.items())) if isinstance(part, Mapping) else part for part in decided)
        return (*seen, self.with_ranks, self.min_n, self.is_drawn)


def require_applicable(table: str, filters: Mapping[str, str]) -> None:
    """Refuses filters on columns that a table has no key of.

    Raises:
        DomainError: ``request.invalid`` with each of them.
    """
    allowed = [*TABLES[table].filters]
    if TABLES[table].audience is Audience.OWN_CANDIDATES:
        # The school is the reader's own.
        allowed = ["class_code", *(key for key in allowed if key not in ("county_code", "school_code"))]
    faults = [
        Fault("field.unknown", pointer=f"query:{name}", allowed=", ".join(allowed))
        for name in filters
        if name not in allowed
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)


def read_rows(
    frames: ResultFrames,
    question: Question,
    *,
    offset: int = 0,
    size: int | None = None,
    among: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, bool]:
    """Rows of a table from ``offset``, and whether more follow; figures are withheld, rows in the frame's order.

    Args:
        frames: the version's frames.
        question: what is asked, and by whom.
        offset: rows passed over.
        size: most rows given; all of them by default.
        among: keys of the only rows wanted.
    """
    view = view_of(frames, question)
    if among is not None:
        rows = _chosen(frames, view, question)
        rows = rows.join(among.lazy(), on=among.columns, how="semi", nulls_equal=True, maintain_order="left")
        return view.shown(rows.collect()), False
    places = rows_of(frames, question)
    page = frames.take(question.table, places.slice(offset, size))
    return view.shown(page), size is not None and len(places) > offset + size


def shown_rows(frames: ResultFrames, question: Question, places: pl.Series) -> pl.DataFrame:
    """Rows at positions that :func:`rows_of` gave, in that order, without what is withheld."""
    return view_of(frames, question).shown(frames.take(question.table, places))


def rows_of(frames: ResultFrames, question: Question, conditions: Sequence[pl.Expr] = ()) -> pl.Series:
    """Positions of the rows that a question is about: worked out once, so that every page costs what the first costs.

    Args:
        frames: the version's frames.
        question: what is asked, and by whom.
        conditions: further ones, on keys alone; with them nothing is kept.
    """
    view = view_of(frames, question)

    def found() -> pl.Series:
        rows = frames.scan(question.table).with_row_index("__row")
        return rows.filter(view.rows, *_wanted(question), *conditions).select("__row").collect().to_series()

    if conditions:
        return found()
    key = ("places", question.table, question.caller, tuple(sorted(question.filters.items())))
    return frames.kept(key, found, lambda places: int(places.estimated_size()))


@dataclass(frozen=True, slots=True)
class Export:
    """A file ready to be sent: open, at its beginning; whoever sends it closes it."""

    file: io.BufferedIOBase
    size: int
    sha256: str
    rows: int

    def chunks(self) -> Iterator[bytes]:
        """The content, once; closes the file at its end or when the reader goes away."""
        with self.file:
            while chunk := self.file.read(_CHUNK):
                yield chunk


def export_table(frames: ResultFrames, question: Question, export_format: ExportFormat) -> Export:
    """The caller's view of a whole table as a file.

    Where the view is the frame itself, or one value of the key that divides it, and nothing is withheld, its Parquet is the
    stored file byte for byte, with the checksum that the manifest gives.
    """
    view = view_of(frames, question)
    shown = view.shown(_chosen(frames, view, question).collect())
    if export_format is ExportFormat.PARQUET:
        table = frames.table(question.table)
        value = question.filters.get(table.divided_by) if table.divided_by is not None else None
        for part in table.parts:
            if (len(table.parts) == 1 or part.value == value) and _is_same(shown, frames.store.scan(part.sha256)):
                return Export(frames.store.path(part.sha256).open("rb"), part.size, part.sha256, shown.height)
    return export_frame(shown, export_format)


def export_frame(shown: pl.DataFrame, export_format: ExportFormat) -> Export:
    """A frame as a file."""
    # Anonymous: the file is gone with its last reader, whatever ends the request.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the one who sends it
    _write(shown, export_format, file)
    size = file.tell()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return Export(file, size, digest, shown.height)


def view_of(frames: ResultFrames, question: Question) -> TableView:
    """What the caller sees of the table; worked out once for all who see the same."""

    def made() -> TableView:
        return table_view(
            question.table,
            frames.scan,
            visibility=question.visibility,
            min_n=question.min_n,
            with_ranks=question.with_ranks,
            is_drawn=question.is_drawn,
        )

    key = ("view", question.table, question.caller)
    return frames.kept(key, made, lambda view: _VIEW_BYTES + int(view.withheld.estimated_size()))


def _chosen(frames: ResultFrames, view: TableView, question: Question) -> pl.LazyFrame:
    return frames.scan(question.table).filter(view.rows, *_wanted(question))


def _wanted(question: Question) -> Sequence[pl.Expr]:
    return [pl.col(column) == value for column, value in question.filters.items()]


def _is_same(shown: pl.DataFrame, whole: pl.LazyFrame) -> bool:
    if shown.height != whole.select(pl.len()).collect().item():
        return False
    return shown.equals(whole.collect())


def _write(frame: pl.DataFrame, export_format: ExportFormat, file: io.BufferedRandom) -> None:
    match export_format:
        case ExportFormat.PARQUET:
            frame.write_parquet(file, compression="zstd")
        case ExportFormat.ARROW:
            frame.write_ipc(file, compression="zstd")
        case ExportFormat.NDJSON:
            frame.write_ndjson(file)
        case ExportFormat.CSV:
            lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
            flat = frame.with_columns(pl.col(name).list.join("+") for name in lists)
            # The mark makes desktop spreadsheet programs read the Chinese of attribute values as UTF-8.
            write_safe_csv(flat, cast(BinaryIO, file), byte_order_mark=True)
