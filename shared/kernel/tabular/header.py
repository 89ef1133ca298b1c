"""The header: which column of the file is which expected column, and what is wrong with the rest."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence

from shared.kernel.tabular.columns import Column
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.readers.raw import RawTable
from shared.kernel.tabular.text_rules import clean_header
from shared.terms.errors import DomainError

HEADER_LENGTH = 60
NEAR = 0.6


def match_header(raw: RawTable, columns: Sequence[Column], faults: FaultTable) -> dict[str, int]:
    """Index in the file of each expected column, with faults added for everything that does not fit.

    Raises:
        DomainError: ``table.no_header`` when not one expected column is there: then the first row is probably a pupil, and
            is not repeated.
    """
    by_header = {header: column for column in columns for header in column.headers}
    by_fold = {_fold(header): header for header in by_header}
    titles = [clean_header(title) for title in raw.headers]
    if not any(title in by_header or _fold(title) in by_fold for title in titles):
        expected = "、".join(column.name for column in columns if not column.optional)
        raise DomainError("table.no_header", params={"expected": expected})
    found: dict[str, int] = {}
    near_missed: set[str] = set()
    for index, title in enumerate(titles):
        row, shown = raw.header_rows[index], title[:HEADER_LENGTH]
        column = by_header.get(title)
        if column is not None and column.name not in found:
            found[column.name] = index
        elif column is not None:
            faults.add("column.duplicate", row=row, column=shown, params={"name": column.name})
        elif not title:
            _add_unnamed(raw, index, faults)
        elif (meant := by_fold.get(_fold(title))) is not None:
            near_missed.add(by_header[meant].name)
            faults.add("column.miscased", row=row, column=shown, allowed=meant)
        else:
            _add_unknown(shown, row, sorted(by_header), faults=faults)
    for column in columns:
        if column.name not in found and column.name not in near_missed and not column.optional:
            row = min(raw.header_rows, default=1)
            faults.add("column.missing", row=row, column=column.name, allowed="、".join(column.headers))
    return found


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character not in " _-")


def _add_unknown(title: str, row: int, known: Sequence[str], *, faults: FaultTable) -> None:
    by_fold = {_fold(name): name for name in known}
    near = difflib.get_close_matches(_fold(title), by_fold, n=1, cutoff=NEAR)
    if near:
        faults.add("column.unknown_near", row=row, column=title, allowed=by_fold[near[0]])
    else:
        faults.add("column.unknown", row=row, column=title, allowed="、".join(known))


def _add_unnamed(raw: RawTable, index: int, faults: FaultTable) -> None:
    """A column without a header matters only when something stands in it."""
    values = raw.frame.get_column(f"c{index}")
    if values.str.strip_chars().str.len_bytes().fill_null(0).sum() > 0:
        faults.add("column.unnamed", row=raw.header_rows[index], params={"position": index + 1})
