"""What an item sheet must look like, and what is wrong with one: pure, over typed columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from services.monitoring.intake.checks import (
    MARK_DECIMALS,
    STATUS_WORDS,
    candidate_column,
    check_grid,
    class_column,
    school_column,
)
from services.monitoring.intake.sheets import CANDIDATE, CLASS, COUNTY, SCHOOL
from services.monitoring.papers.rules import (
    OPTION_HEADER,
    ItemKind,
    answers,
    chosen_items,
    derived_items,
    marked_items,
    units_by_position,
)
from shared.kernel.tabular.columns import ROW, Column, ColumnKind
from shared.kernel.tabular.faults import FaultTable, unique_faults
from shared.scoring.items.frame import OPTION_SUFFIX, STATUS
from shared.scoring.subjects import MarkStatus

PRESENT = MarkStatus.PRESENT.label
_CODES = {status.label: status.value for status in MarkStatus}
_PLACES = [CANDIDATE, CLASS, SCHOOL, COUNTY]
_MOST_SMALL = 2**15 - 1

Content = Mapping[str, Any]
Item = Mapping[str, Any]


def item_columns(content: Content, *, school_is_given: bool) -> list[Column]:
    """Columns of an item sheet, in the order of its template.

    Args:
        content: the paper.
        school_is_given: whether the address names the school, so that its column may be left out.
    """
    columns = [candidate_column(), class_column(), school_column(is_given=school_is_given)]
    columns.append(
        Column(STATUS, ColumnKind.TEXT, optional=True, aliases=("状态",), allowed=tuple(STATUS_WORDS), max_length=20)
    )
    titles = Counter(item["name"] for item in content["items"])
    taken = {header for column in columns for header in column.headers} | {item["code"] for item in content["items"]}
    sent = {item["code"] for item in marked_items(content)}
    for item in content["items"]:
        code, name = item["code"], item["name"]
        title = (name,) if name and titles[name] == 1 and name not in taken else ()
        columns.append(
            Column(code, ColumnKind.DECIMAL, optional=code not in sent, aliases=title, decimals=MARK_DECIMALS)
        )
        if item["options"]:
            hint = "、".join(item["options"])
            header = code + OPTION_HEADER
            columns.append(Column(header, ColumnKind.CODE, aliases=(f"{code}作答",), hint=hint, max_length=40))
    return columns


def check_items(frame: pl.DataFrame, content: Content, faults: FaultTable) -> pl.DataFrame:
    """Reports every fault of marks and answers and turns them into whole numbers.

    Args:
        frame: the typed table of :func:`item_columns`, with ``row``.
        content: the paper.
        faults: takes the faults found.

    Returns:
        ``row``, candidate, class and school, and the other columns of :func:`stored_columns`.
    """
    unique_faults(frame, [CANDIDATE], faults)
    unreadable = _unreadable(frame, faults)
    frame = _with_status(frame, content, faults, unreadable)
    frame = frame.with_columns(_answer(item).alias(item["code"] + OPTION_HEADER) for item in chosen_items(content))
    code = pl.col(STATUS).replace_strict(_CODES, default=None, return_dtype=pl.Int8)
    marks = [_check_mark(frame, item, faults, unreadable.get(item["code"], [])) for item in marked_items(content)]
    chosen = [_check_answer(frame, item, faults) for item in chosen_items(content)]
    for item in derived_items(content):
        _check_derived(frame, item, faults)
    return frame.select(ROW, CANDIDATE, CLASS, SCHOOL, *marks, *chosen, code.alias(STATUS))


def _unreadable(frame: pl.DataFrame, faults: FaultTable) -> dict[str, list[int]]:
    """Rows whose cell could not be read, by column; all of them where the column is missing."""
    missing = faults.frame.filter(pl.col("code") == "column.missing")["column"]
    return faults.cells() | {str(column): frame[ROW].to_list() for column in missing}


def _with_status(
    frame: pl.DataFrame, content: Content, faults: FaultTable, unreadable: Mapping[str, list[int]]
) -> pl.DataFrame:
    """The status as its label; a row with any mark or answer is of a candidate who was present."""
    cells = [item["code"] for item in content["items"]]
    cells += [item["code"] + OPTION_HEADER for item in chosen_items(content)]
    # A cell at fault is null, and yet it was filled in.
    touched = {row for column in (STATUS, *cells) for row in unreadable.get(column, ())}
    filled = pl.any_horizontal(pl.col(cell).is_not_null() for cell in cells) | pl.col(ROW).is_in(list(touched))
    given = pl.col(STATUS).replace_strict(STATUS_WORDS, default=None, return_dtype=pl.String)
    frame = frame.with_columns(given.fill_null(pl.when(filled).then(pl.lit(PRESENT))).alias(STATUS))
    faults.add_where(frame, pl.col(STATUS).is_null(), code="mark.blank_needs_status", column=STATUS)
    return frame


def _check_mark(frame: pl.DataFrame, item: Item, faults: FaultTable, unreadable: list[int]) -> pl.Expr:
    code = item["code"]
    present, mark = pl.col(STATUS) == PRESENT, pl.col(code)
    blank = mark.is_null() & present & ~pl.col(ROW).is_in(unreadable)
    faults.add_where(frame, blank, code="item_sheet.mark_missing", column=code)
    units = check_grid(frame, code, faults, full_mark=item["full_mark"], step=item["step"])
    absent = mark.is_not_null() & ~present
    faults.add_where(frame, absent, code="mark.with_absence", column=code, params={"status": pl.col(STATUS)})
    status = pl.col(STATUS).replace_strict(_CODES, default=None, return_dtype=pl.Int8)
    return pl.when(present).then(units).otherwise(status).cast(units_type(item), strict=False).alias(code)


def _answer(item: Item) -> pl.Expr:
    """What was written, as the paper writes answers: ``c, a`` is ``AC`` where several letters can be chosen."""
    written = pl.col(item["code"] + OPTION_HEADER).str.to_uppercase()
    if item["kind"] != ItemKind.MULTIPLE_CHOICE:
        return written
    letters = written.str.replace_all(r"[\s,;、|]", "").str.split("").list.drop_nulls().list.sort()
    return pl.when(written.is_not_null()).then(letters.list.join(""))


def _check_answer(frame: pl.DataFrame, item: Item, faults: FaultTable) -> pl.Expr:
    column, names = item["code"] + OPTION_HEADER, answers(item)
    present, answer = pl.col(STATUS) == PRESENT, pl.col(column)
    position = answer.replace_strict(list(names), list(range(len(names))), default=None, return_dtype=pl.Int16)
    unknown = answer.is_not_null() & position.is_null()
    allowed = "、".join(item["options"])
    faults.add_where(frame, unknown, code="item_sheet.option_unknown", column=column, allowed=allowed)
    absent = answer.is_not_null() & ~present
    params = {"status": pl.col(STATUS)}
    faults.add_where(frame, absent, code="item_sheet.option_with_absence", column=column, params=params)
    chosen = pl.when(present).then(position.fill_null(len(names))).otherwise(pl.lit(-1))
    return chosen.cast(pl.Int8).alias(item["code"] + OPTION_SUFFIX)


def _check_derived(frame: pl.DataFrame, item: Item, faults: FaultTable) -> None:
    """A mark that is sent though it follows from answer and key has to be the one that follows."""
    code, names = item["code"], answers(item)
    units = units_by_position(item)
    worth = {names[position]: str(Decimal(item["step"]) * count) for position, count in units.items()}
    follows = pl.col(code + OPTION_HEADER).replace_strict(worth, default="0", return_dtype=pl.String)
    mark, present = pl.col(code), pl.col(STATUS) == PRESENT
    differs = present & (mark != follows.cast(pl.Decimal(18, MARK_DECIMALS)))
    faults.add_where(frame, differs, code="item_sheet.mark_not_by_key", column=code, params={"mark": follows})
    absent = mark.is_not_null() & ~present
    faults.add_where(frame, absent, code="mark.with_absence", column=code, params={"status": pl.col(STATUS)})


def units_type(item: Item) -> pl.DataType:
    """The smallest whole numbers that hold the item's grid units and the negative statuses."""
    full = Decimal(item["full_mark"]) / Decimal(item["step"])
    return pl.Int16() if full <= _MOST_SMALL else pl.Int32()


def stored_columns(content: Content) -> list[str]:
    """Columns of a stored sheet, in order.

    Candidate and places; ``status`` (0 present, else negative); per item whose mark is sent its grid units or the negative
    status; per item whose answer is recorded ``<item>__option``: position of the answer, the number of answers where none
    was given, −1 for those not present.
    """
    marks = [item["code"] for item in marked_items(content)]
    return [*_PLACES, STATUS, *marks, *(item["code"] + OPTION_SUFFIX for item in chosen_items(content))]
