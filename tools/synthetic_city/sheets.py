"""Frames of mark sheets: as the scoring core takes them, and as the platform imports them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from shared.scoring.frame import STATUS_SUFFIX
from shared.scoring.subjects import STATUS_LABELS, MarkStatus, Subject
from tools.synthetic_city.items import OPTIONS, Item, Responses
from tools.synthetic_city.marks import Marks
from tools.synthetic_city.places import class_codes
from tools.synthetic_city.pupils import Pupils
from tools.synthetic_city.settings import LAST_YEAR, SUBJECT_NAMES, CitySettings, Exam
from tools.synthetic_city.streams import Integers

INTAKE_SUFFIX = "_intake"
ATTRIBUTES = ("urban_rural", "school_type", "poverty_rate")
_STATUS = pl.Enum(STATUS_LABELS)
_KEYS = ("candidate_id", "county_code", "school_code", "class_code", *ATTRIBUTES)


def candidates(schools: pl.DataFrame, pupils: Pupils, exam: Exam, exam_index: int, *, rows: Integers) -> pl.DataFrame:
    """Keys and attributes of an exam's candidates: ``candidate_id``, county, school and class of that year, attributes."""
    is_past = exam.school_year == LAST_YEAR
    school = (pupils.last_school if is_past else pupils.school)[rows]
    level = pl.Series(pupils.grade_level[rows] - int(is_past))
    number = (pupils.last_class if is_past else pupils.class_number)[rows]
    identifiers = pl.Series((exam_index + 1) * 10**8 + pupils.place[rows]).cast(pl.String)
    columns = {column: schools[column].gather(school) for column in ("county_code", "school_code", *ATTRIBUTES)}
    return pl.DataFrame({"candidate_id": identifiers, **columns, "class_code": class_codes(level, number)}).select(
        _KEYS
    )


def scoring_sheet(
    settings: CitySettings, keys: pl.DataFrame, marks: Marks, exam_index: int, *, rows: Integers
) -> pl.DataFrame:
    """Keys, and per subject ``<code>`` in grid units and ``<code>__status``; the exam before as ``<code>_intake``.

    To be read with ``MarkUnit.GRID_UNIT``.
    """
    columns: list[pl.Series] = []
    for code, _, codes in _papers(settings, marks, exam_index, rows=rows):
        columns.append(pl.Series(code, codes))
    sheet = keys.with_columns(columns)
    names = [column.name for column in columns]
    return sheet.with_columns(
        *(_status(pl.col(name)).cast(_STATUS).alias(name + STATUS_SUFFIX) for name in names),
        *(pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in names),
    )


def import_sheet(
    settings: CitySettings,
    keys: pl.DataFrame,
    marks: Marks,
    exam_index: int,
    *,
    rows: Integers,
    student_number: pl.Series,
) -> pl.DataFrame:
    """Columns of the platform's mark sheet: keys, pupil number, and per subject ``<code>`` in marks and ``<code>_status``.

    The county is left out: the platform knows it.
    """
    sheet = keys.select(
        "candidate_id", student_number.gather(rows).alias("student_id"), "class_code", "school_code", *ATTRIBUTES
    )
    columns: list[pl.Series] = []
    for code, subject, codes in _papers(settings, marks, exam_index, rows=rows):
        grid = pl.Series(subject.marks(np.arange(subject.full_units + 1)))
        present = pl.Series(codes >= 0)
        values = grid.gather(np.maximum(codes, 0))
        columns.append(values.set(~present, None).alias(code))
        columns.append(pl.select(_status(pl.Series(codes))).to_series().cast(pl.String).alias(f"{code}_status"))
    return sheet.with_columns(columns)


def item_frame(keys: pl.DataFrame, items: tuple[Item, ...], responses: Responses) -> pl.DataFrame:
    """Item sheet as ``shared.scoring.items.frame.check_item_sheet`` takes it, of candidates who were present.

    Keys, ``status``, ``<item>`` (mark) of every item, ``<item>__option`` (null when blank) of choice items.
    """
    marks = [pl.Series(item.code, responses.marks[index]) for index, item in enumerate(items)]
    choices = [item for item in items if item.key is not None]
    letters = pl.Series([*OPTIONS, None], dtype=pl.Enum(OPTIONS))
    options = [
        letters.gather(responses.options[index]).alias(f"{item.code}__option") for index, item in enumerate(choices)
    ]
    present = pl.lit(MarkStatus.PRESENT.label).alias("status")
    return keys.drop(ATTRIBUTES).with_columns([present, *marks, *options])


def exam_definition(settings: CitySettings, exam: str, *, grade_level: int) -> dict[str, Any]:
    """The platform's definition of an exam, as its mark sheets of one grade need it."""
    index = [entry.code for entry in settings.exams].index(exam)
    roles = [("outcome", "", "")] + ([("intake", INTAKE_SUFFIX, "（前测）")] if index else [])
    subjects = [_subject(entry, role, suffix, zh) for role, suffix, zh in roles for entry in settings.subjects]
    models = [{"outcome": s.code, "intakes": [s.code + INTAKE_SUFFIX]} for s in settings.subjects] if index else []
    return {
        "name_zh": settings.exams[index].name_zh,
        "name_en": settings.exams[index].code.capitalize(),
        "kind": "sample_monitoring",
        "grade_level": grade_level,
        "school_year": settings.exams[index].school_year,
        "held_on": settings.exams[index].held_on.isoformat(),
        "student_linking": "required",
        "subjects": subjects,
        "value_added_models": models,
        "comparison_attributes": [
            {"code": "urban_rural", "name_zh": "城乡类型", "name_en": "Urban or rural", "grouping": "value"},
            {"code": "school_type", "name_zh": "办学类型", "name_en": "School type", "grouping": "value"},
            {"code": "poverty_rate", "name_zh": "脱贫户学生占比", "name_en": "Poverty rate", "grouping": "quartile"},
        ],
    }


def _papers(
    settings: CitySettings, marks: Marks, exam_index: int, *, rows: Integers
) -> list[tuple[str, Subject, np.ndarray[Any, np.dtype[np.int32]]]]:
    """Column, subject and codes of an exam's papers, and after them those of the exam before."""
    wanted = [(exam_index, "")] + ([(exam_index - 1, INTAKE_SUFFIX)] if exam_index else [])
    return [
        (subject.code + suffix, subject, marks.codes[index, position, rows])
        for index, suffix in wanted
        for position, subject in enumerate(settings.subjects)
    ]


def _status(codes: pl.Expr | pl.Series) -> pl.Expr:
    """Label of a code: marks are present, negative codes count down through the list."""
    labels = pl.lit(pl.Series(STATUS_LABELS, dtype=_STATUS))
    column = pl.lit(codes) if isinstance(codes, pl.Series) else codes
    return labels.gather((-column).clip(0).cast(pl.UInt32))


def _subject(entry: Subject, role: str, suffix: str, zh: str) -> Mapping[str, str]:
    return {
        "code": entry.code + suffix,
        "name_zh": SUBJECT_NAMES.get(entry.code, entry.code) + zh,
        "name_en": entry.code.capitalize() + suffix.replace("_", " "),
        "role": role,
        "full_mark": str(entry.full_mark),
        "step": str(entry.step),
        "band_width": str(entry.band_width),
    }
