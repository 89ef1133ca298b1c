"""Reports of archives as readers get them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.student_eval.archive_reports.rules import KindOfRecords
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives.chain import head_of
from services.student_eval.archives.log import Archive
from shared.policy.student_archives import ArchivePolicy


class RecordTold(BaseModel):
    """A record as a report tells it."""

    term: str
    fields: dict[str, Any]
    text: str
    version: int


class KindTold(BaseModel):
    """Chosen records of a kind: how often, and how many minutes where records tell it."""

    code: str
    name: dict[str, str]
    count: int
    minutes: int | None
    records: list[RecordTold]


class DimensionTold(BaseModel):
    """A dimension; it may be empty."""

    code: str
    name: dict[str, str]
    kinds: list[KindTold]


class ReportOut(BaseModel):
    """A report of one term, of a school year, or of the whole: facts without points, grades or places."""

    student_key: str
    name: str | None
    school_name: str | None
    class_name: str | None
    terms: list[str]
    is_whole: bool
    dimensions: list[DimensionTold]
    statement: str | None
    comment: str | None
    entries: int
    head_sha256: str
    sealed_version: int
    sealed_sha256: str | None


def report_out(
    archive: Archive,
    basics: ArchiveTerm | None,
    *,
    terms: list[str],
    is_whole: bool,
    kinds: Mapping[str, list[KindOfRecords]],
    policy: ArchivePolicy,
) -> ReportOut:
    """A report; statement and comment belong to the whole archive alone."""
    state = archive.state
    names = {} if basics is None else {member["student_key"]: member["name"] for member in basics.members}
    return ReportOut(
        student_key=archive.student_key,
        name=names.get(archive.student_key),
        school_name=None if basics is None else basics.school_name,
        class_name=None if basics is None else basics.class_name,
        terms=terms,
        is_whole=is_whole,
        dimensions=[
            DimensionTold(code=code, name=dict(policy.dimensions[code]), kinds=[_told(kind) for kind in found])
            for code, found in kinds.items()
        ],
        statement=state.statement if is_whole else None,
        comment=state.comment if is_whole else None,
        entries=len(archive.entries),
        head_sha256=head_of(archive.entries),
        sealed_version=state.sealed_version,
        sealed_sha256=None if state.is_open else state.sealed_sha256,
    )


def _told(kind: KindOfRecords) -> KindTold:
    return KindTold(
        code=kind.type.code,
        name=dict(kind.type.name),
        count=kind.count,
        minutes=kind.minutes,
        records=[
            RecordTold(term=record.term, fields=dict(record.fields), text=record.text, version=record.version)
            for record in kind.records
        ],
    )
