"""What the archive of a senior secondary pupil holds: dimensions, kinds of records, limits. From dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("student_archives.yaml")


class FieldKind(StrEnum):
    """Kinds of fields of a record."""

    COUNT = "count"
    MINUTES = "minutes"
    DATE = "date"
    TEXT = "text"


class EnteredBy(StrEnum):
    """Whose word a record is."""

    STUDENT = "student"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record.

    Args:
        code: its code.
        dimension: code of the dimension it belongs to.
        name: by language.
        by: who writes it; nobody writes in a pupil's place.
        fields: kind by name.
        required: fields that every record has.
    """

    code: str
    dimension: str
    name: Mapping[str, str]
    by: EnteredBy
    fields: Mapping[str, FieldKind]
    required: frozenset[str]


@dataclass(frozen=True, slots=True)
class ArchivePolicy:
    """The rules of the archive, with their source.

    Args:
        document: where they stand.
        in_force_from: first day.
        verified: whether they were compared with the text.
        grades: grade levels that keep an archive.
        dimensions: name by code, in order.
        record_types: by code, in order.
        field_names: how each field is called, by language.
        most_selected: records of a dimension that a pupil may choose for a term.
        publicity_rule: name in ``deadlines.yaml`` of how long a term's choice is shown.
    """

    document: str
    in_force_from: dt.date
    verified: bool
    grades: frozenset[int]
    dimensions: Mapping[str, Mapping[str, str]]
    record_types: Mapping[str, RecordType]
    field_names: Mapping[str, Mapping[str, str]]
    most_selected: int
    publicity_rule: str


@cache
def archive_policy() -> ArchivePolicy:
    """The rules in force."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    types = {
        code: RecordType(
            code,
            entry["dimension"],
            entry["name"],
            EnteredBy(entry["by"]),
            {name: FieldKind(kind) for name, kind in entry["fields"].items()},
            frozenset(entry["required"]),
        )
        for code, entry in content["record_types"].items()
    }
    return ArchivePolicy(
        document=content["document"],
        in_force_from=content["in_force_from"],
        verified=content["verified"],
        grades=frozenset(content["grades"]),
        dimensions={code: entry["name"] for code, entry in content["dimensions"].items()},
        record_types=types,
        field_names=content["fields"],
        most_selected=content["most_selected"],
        publicity_rule=content["publicity_rule"],
    )


def field_faults(record_type: RecordType, fields: Mapping[str, object], today: dt.date) -> list[tuple[str, str]]:
    """What is wrong with the fields of a record: field and fault code.

    Args:
        record_type: what the record is of.
        fields: values as JSON holds them.
        today: the day it is written; nothing is recorded before it happened.
    """
    faults = [(name, "archive.field_unknown") for name in fields if name not in record_type.fields]
    faults += [(name, "field.missing") for name in sorted(record_type.required) if fields.get(name) in (None, "")]
    for name, kind in record_type.fields.items():
        value = fields.get(name)
        if value is not None and not _fits(kind, value):
            faults.append((name, f"archive.not_a_{kind}"))
        elif kind is FieldKind.DATE and value is not None and dt.date.fromisoformat(str(value)) > today:
            faults.append((name, "archive.not_yet"))
    began, ended = (fields.get(name) for name in ("began_on", "ended_on"))
    is_pair = all(isinstance(day, str) and _fits(FieldKind.DATE, day) for day in (began, ended))
    if is_pair and str(ended) < str(began):
        faults.append(("ended_on", "archive.ends_before_it_begins"))
    return faults


def _fits(kind: FieldKind, value: object) -> bool:
    match kind:
        case FieldKind.TEXT:
            return isinstance(value, str) and 0 < len(value) <= 500
        case FieldKind.DATE:
            return isinstance(value, str) and _is_date(value)
        case FieldKind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10_000
        case FieldKind.MINUTES:
            return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 600_000


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
