"""Mark sheets as files, in every format the platform takes, and one that is wrong in five ways."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl
import xlsxwriter

from demo.exam import ATTRIBUTES, MARKS
from demo.mapping import candidate_id, school_code, student_number

#: Header by column, for the files a school's clerk would make.
CHINESE = {
    "candidate_id": "考号",
    "student_id": "学籍号",
    "class_code": "班级代码",
    "school_code": "学校代码",
    "language": "语文",
    "arithmetic": "数学",
    "language_intake": "语文前测",
    "arithmetic_intake": "数学前测",
    "language_status": "语文状态",
    "arithmetic_status": "数学状态",
    **{code: zh for code, zh, _, _ in ATTRIBUTES},
}


class Format(StrEnum):
    """Ways to send a sheet; GBK is what older spreadsheet programs save as CSV in Chinese."""

    CSV = "CSV"
    GBK = "GBK CSV"
    XLSX = "XLSX"
    PARQUET = "Parquet"
    BATCH = "batch"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv",
    Format.GBK: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.BATCH: "text/csv",
}
XLSX_SCHOOLS, PARQUET_SCHOOLS, GBK_SCHOOLS, BATCH_SCHOOLS = 4, 1, 1, 25


@dataclass(frozen=True, slots=True)
class Sheet:
    """One school's sheet, and how it travels."""

    school_code: str
    frame: pl.DataFrame
    format: Format


@dataclass(frozen=True, slots=True)
class Break:
    """One thing made wrong in the broken sheet; ``row`` as the sender counts, header = 1."""

    row: int
    column: str | None
    zh: str
    en: str


def mark_sheets(pupils: pl.DataFrame) -> tuple[Sheet, ...]:
    """A sheet for each school, in order of school code: mostly CSV, some of every other way."""
    ranks = pupils.sort("pupil").with_row_index("rank")
    frame = ranks.select(
        pl.Series("school_code", [school_code(number) for number in ranks["school"]]),
        pl.Series("candidate_id", [candidate_id(number) for number in ranks["pupil"]]),
        pl.Series("student_id", [student_number(rank) for rank in ranks["rank"]]),
        pl.col("class").cast(pl.String).alias("class_code"),
        *MARKS,
        *(pl.col(code).cast(pl.String) if grouping == "value" else pl.col(code) for code, _, _, grouping in ATTRIBUTES),
    ).sort("school_code", "class_code", "candidate_id")
    parts = frame.partition_by("school_code", as_dict=True, maintain_order=True)
    return tuple(
        Sheet(str(key[0]), part, format_of(position, len(parts))) for position, (key, part) in enumerate(parts.items())
    )


def format_of(position: int, count: int) -> Format:
    """How the sheet at a position is sent: the last ones together in one file, the first ones in the rarer formats."""
    if position >= count - BATCH_SCHOOLS:
        return Format.BATCH
    if position < XLSX_SCHOOLS:
        return Format.XLSX
    if position < XLSX_SCHOOLS + PARQUET_SCHOOLS:
        return Format.PARQUET
    return Format.GBK if position < XLSX_SCHOOLS + PARQUET_SCHOOLS + GBK_SCHOOLS else Format.CSV


def file_of(frame: pl.DataFrame, kind: Format) -> bytes:
    """A frame as the bytes of a file; the same frame gives the same bytes."""
    if kind is Format.GBK:
        return frame.rename(CHINESE, strict=False).write_csv().encode("gbk")
    if kind is Format.XLSX:
        return _xlsx(frame.rename(CHINESE, strict=False))
    if kind is Format.PARQUET:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        return buffer.getvalue()
    return frame.write_csv().encode()


def joined(sheets: Sequence[Sheet]) -> bytes:
    """The sheets of many schools as one CSV file."""
    return file_of(pl.concat([sheet.frame for sheet in sheets]), Format.BATCH)


def broken_copy(sheet: Sheet, other: Sheet) -> tuple[pl.DataFrame, tuple[Break, ...]]:
    """A copy of a sheet with five faults in it, and which they are.

    Args:
        sheet: at least four pupils.
        other: another school's sheet, one of whose pupils strays into this one.
    """
    absent = pl.lit(None, pl.String)
    plain = sheet.frame.with_columns(absent.alias("language_status"), absent.alias("arithmetic_status")).cast(pl.String)
    rows = plain.to_dicts()
    rows[0] |= {"arithmetic": "31"}
    rows[1] |= {"language": "17.5"}
    rows[2] |= {"arithmetic": "0", "arithmetic_status": "缺考"}
    stranger = other.frame.row(0, named=True)
    rows.append(rows[3] | {name: stranger[name] for name in ("candidate_id", "student_id")})
    rows.append(dict(rows[3]))
    breaks = (
        Break(2, "arithmetic", "数学 31 分，满分 30", "arithmetic 31 of 30"),
        Break(3, "language", "语文 17.5 分，而分值为整数", "language 17.5, but marks are whole"),
        Break(4, "arithmetic", "状态为缺考，却有 0 分", "absent, yet a mark of 0"),
        Break(len(rows), "student_id", "混入外校学生", "another school's pupil"),
        Break(len(rows) + 1, "candidate_id", "与第 5 行重复", "the same as row 5"),
    )
    return pl.DataFrame(rows, schema=plain.schema), breaks


def _xlsx(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        # A fixed date, or the same marks would make another file each time.
        book.set_properties({"created": dt.datetime(2026, 11, 5, tzinfo=dt.UTC).replace(tzinfo=None)})
        frame.write_excel(book, worksheet="成绩")
    return buffer.getvalue()
