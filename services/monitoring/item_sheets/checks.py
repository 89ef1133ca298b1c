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
    class_column,
    grid_rules,
    grid_units,
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
from shared.kernel.tabular.faults import FaultTable, Rule, unique_faults
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
    rules = [rule for item in marked_items(content) for rule in _mark_rules(item, unreadable.get(item["code"], []))]
    rules += [rule for item in chosen_items(content) for rule in _answer_rules(item)]
    rules += [rule for item in derived_items(content) for rule in _derived_rules(item)]
    faults.add_broken(frame, rules)
    marks = [_units(item) for item in marked_items(content)]
    chosen = [_position(item).alias(item["code"] + OPTION_SUFFIX) for item in chosen_items(content)]
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


def _mark_rules(item: Item, unreadable: list[int]) -> list[Rule]:
    code = item["code"]
    present, mark = pl.col(STATUS) == PRESENT, pl.col(code)
    blank = mark.is_null() & present
    if unreadable:
        blank &= ~pl.col(ROW).is_in(unreadable)
    absent = mark.is_not_null() & ~present
    return [
        Rule(mask=blank, code="item_sheet.mark_missing", column=code),
        *grid_rules(code, full_mark=item["full_mark"], step=item["step"]),
        Rule(mask=absent, code="mark.with_absence", column=code, params={"status": pl.col(STATUS)}),
    ]


def _units(item: Item) -> pl.Expr:
    code = item["code"]
    status = pl.col(STATUS).replace_strict(_CODES, default=None, return_dtype=pl.Int8)
    units = pl.when(pl.col(STATUS) == PRESENT).then(grid_units(code, step=item["step"])).otherwise(status)
    return units.cast(units_type(item), strict=False).alias(code)


def _answer(item: Item) -> pl.Expr:
    """What was written, as the paper writes answers: ``c, a`` is ``AC`` where several letters can be chosen."""
    written = pl.col(item["code"] + OPTION_HEADER).str.to_uppercase()
    if item["kind"] != ItemKind.MULTIPLE_CHOICE:
        return written
    letters = written.str.replace_all(r"[\s,;、|]", "").str.split("").list.drop_nulls().list.sort()
    return pl.when(written.is_not_null()).then(letters.list.join(""))


def _place(item: Item) -> pl.Expr:
    """Position of the answer among the item's; null where none or an unknown one was given."""
    names = answers(item)
    answer = pl.col(item["code"] + OPTION_HEADER)
    return answer.replace_strict(list(names), list(range(len(names))), default=None, return_dtype=pl.Int16)


def _answer_rules(item: Item) -> list[Rule]:
    column = item["code"] + OPTION_HEADER
    present, answer = pl.col(STATUS) == PRESENT, pl.col(column)
    unknown = answer.is_not_null() & _place(item).is_null()
    allowed, params = "、".join(item["options"]), {"status": pl.col(STATUS)}
    absent = answer.is_not_null() & ~present
    return [
        Rule(mask=unknown, code="item_sheet.option_unknown", column=column, allowed=allowed),
        Rule(mask=absent, code="item_sheet.option_with_absence", column=column, params=params),
    ]


def _position(item: Item) -> pl.Expr:
    present, blank = pl.col(STATUS) == PRESENT, len(answers(item))
    return pl.when(present).then(_place(item).fill_null(blank)).otherwise(pl.lit(-1)).cast(pl.Int8)


def _derived_rules(item: Item) -> list[Rule]:
    """A mark that is sent though it follows from answer and key has to be the one that follows."""
    code, names = item["code"], answers(item)
    units = units_by_position(item)
    worth = {names[position]: str(Decimal(item["step"]) * count) for position, count in units.items()}
    follows = pl.col(code + OPTION_HEADER).replace_strict(worth, default="0", return_dtype=pl.String)
    mark, present = pl.col(code), pl.col(STATUS) == PRESENT
    differs = present & (mark != follows.cast(pl.Decimal(18, MARK_DECIMALS)))
    absent = mark.is_not_null() & ~present
    return [
        Rule(mask=differs, code="item_sheet.mark_not_by_key", column=code, params={"mark": follows}),
        Rule(mask=absent, code="mark.with_absence", column=code, params={"status": pl.col(STATUS)}),
    ]


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
