"""Queries over a table: filtered, sorted and cut to fields after everything withheld is gone. Blocks: call it in a thread.

Filters on keys may be applied first, for keys are never withheld; any condition on a figure, and any sort, sees what the
caller sees. A withheld figure therefore cannot be found by asking whether it is above this or below that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import polars as pl
from pydantic import Field, StringConstraints

from services.monitoring.exams.fields import Strict
from services.monitoring.results.catalog import TABLES
from services.monitoring.results.figures import rows_as_json, statistics
from services.monitoring.results.filters import Filter, conjuncts, meaning, require_sound
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import Question, rows_of, shown_rows
from shared.kernel.web.paging import MAX_PAGE
from shared.terms.errors import DomainError, Fault

Name = Annotated[str, StringConstraints(max_length=121)]


class QueryIn(Strict):
    """A query: which rows, which members of them, in which order."""

    filter: Filter | None = Field(
        default=None,
        examples=[{"and": [{"column": "level", "eq": "school"}, {"column": "pass_rate", "lte": 0.6}]}],
    )
    fields: list[Name] | None = Field(default=None, min_length=1, max_length=200, description="缺省为全部列")
    sort: list[Name] = Field(default_factory=list, max_length=5, description="如 -mean；缺省按主键")
    page_size: int = Field(default=100, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(default=None, max_length=2_000)

    @property
    def identity(self) -> str:
        """The same for queries that differ only in their page."""
        text = self.model_dump_json(exclude={"page_size", "cursor"}, by_alias=True, exclude_unset=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what a query found."""

    items: list[dict[str, Any]]
    more: bool


def run_query(frames: ResultFrames, question: Question, query: QueryIn, *, offset: int) -> Found:
    """One page of a query.

    Args:
        frames: the version's frames.
        question: the table, and who asks.
        query: what is asked.
        offset: rows passed over.

    Raises:
        DomainError: ``request.invalid`` for columns that the caller does not see, with those that it does.
    """
    some = shown_rows(frames, question, rows_of(frames, question).head(0))
    _require_known(query, question.table, some.schema)
    places = frames.kept(
        ("query", question.table, question.caller, query.identity),
        lambda: _places(frames, question, query),
        lambda found: int(found.estimated_size()),
    )
    page = places.slice(offset, query.page_size)
    rows = shown_rows(frames, question, page)
    items = rows_as_json(question.table, rows)
    if query.fields is not None:
        items = [{name: item[name] for name in query.fields} for item in items]
    return Found(items, len(places) > offset + query.page_size)


def _places(frames: ResultFrames, question: Question, query: QueryIn) -> pl.Series:
    """Positions of the rows found, in the order asked for."""
    simple, rest = conjuncts(query.filter, frozenset(TABLES[question.table].keys))
    places = rows_of(frames, question, [meaning(part) for part in simple])
    if not rest and not query.sort:
        return places
    rows = shown_rows(frames, question, places).with_columns(places.alias("__row"))
    rows = rows.filter(meaning(part) for part in rest) if rest else rows
    if query.sort:
        columns = [name.removeprefix("-") for name in query.sort]
        descending = [name.startswith("-") for name in query.sort]
        rows = rows.sort(columns, descending=descending, nulls_last=True, maintain_order=True)
    return rows["__row"]


def _require_known(query: QueryIn, table: str, columns: Mapping[str, pl.DataType]) -> None:
    if query.filter is not None:
        require_sound(query.filter, columns)
    parts = {part for entry in statistics(table, columns) for part in entry.columns if part != entry.value}
    members = [name for name in columns if name not in parts]
    sortable = [name for name, dtype in columns.items() if not isinstance(dtype, pl.List)]
    faults = [*_unknown(query.fields or (), members, "/fields"), *_unknown(query.sort, sortable, "/sort")]
    if faults:
        raise DomainError("request.invalid", params={"count": len(faults)}, faults=faults)


def _unknown(names: Sequence[str], known: Sequence[str], pointer: str) -> list[Fault]:
    is_sort = pointer == "/sort"
    return [
        Fault("field.unknown", pointer=f"{pointer}/{place}", value=name[:40], allowed=", ".join(known))
        for place, name in enumerate(names)
        if (name.removeprefix("-") if is_sort else name) not in known
    ]
