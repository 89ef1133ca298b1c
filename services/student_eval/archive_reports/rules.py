"""What an archive tells of some of its terms: chosen records by dimension, with how often and how long. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.student_eval.archives.state import ArchiveState, Record
from shared.policy.student_archives import ArchivePolicy, RecordType
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class KindOfRecords:
    """Chosen records of one kind.

    Args:
        type: what they are of.
        records: in the order of choice, term by term.
        count: how often: the counts the records tell, one for a record that tells none.
        minutes: how long, added up; null when no record tells it.
    """

    type: RecordType
    records: list[Record]
    count: int
    minutes: int | None


def terms_of(state: ArchiveState, *, term: str | None, school_year: str | None) -> list[str]:
    """Verified terms that a report covers: one, those of a school year, or all.

    Raises:
        DomainError: ``archive.no_report_yet`` when none of them is verified.
    """
    wanted = [
        each
        for each in sorted(state.verified_terms)
        if term in (None, each) and school_year in (None, each.rpartition("-")[0])
    ]
    if not wanted:
        raise DomainError("archive.no_report_yet")
    return wanted


def kinds_of(state: ArchiveState, terms: Collection[str], policy: ArchivePolicy) -> dict[str, list[KindOfRecords]]:
    """Chosen records of some terms by dimension and kind; a dimension may be empty."""
    chosen: dict[str, list[Record]] = {code: [] for code in policy.record_types}
    for term in sorted(terms):
        for record in state.selected(term):
            chosen[record.type].append(record)
    found: dict[str, list[KindOfRecords]] = {dimension: [] for dimension in policy.dimensions}
    for code, records in chosen.items():
        if records:
            kind = policy.record_types[code]
            told = [record.fields["minutes"] for record in records if "minutes" in record.fields]
            count = sum(record.fields.get("count") or 1 for record in records)
            found[kind.dimension].append(KindOfRecords(kind, records, count, sum(told) if told else None))
    return found
