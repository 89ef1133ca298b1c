"""What detectors share: the records they look at, the parameters they go by, and what they hand on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

#: One row a record that stands. A record without an end was on one day, unless it happened several times.
RECORD_SCHEMA: dict[str, pl.DataType] = {
    "record": pl.String(),
    "student": pl.String(),
    "class_code": pl.String(),
    "type": pl.String(),
    "began_on": pl.Date(),
    "ended_on": pl.Date(),
    "minutes": pl.Int64(),
    "count": pl.Int64(),
    "place": pl.String(),
    "certifier": pl.String(),
    "text": pl.String(),
    #: Whether the pupil wrote it; what schools import is alike by nature and comes all at once.
    "is_own": pl.Boolean(),
    "written_at": pl.Datetime("us", "UTC"),
    "account": pl.String(),
}
#: One row for every file of a record.
FILE_SCHEMA: dict[str, pl.DataType] = {
    "record": pl.String(),
    "sha256": pl.String(),
    #: Records of other schools that have the same file.
    "elsewhere": pl.Int64(),
}
CHINA = "Asia/Shanghai"


class FindingKind(StrEnum):
    """What was found."""

    SAME_FILE = "same_file"
    FILE_ELSEWHERE = "file_elsewhere"
    NEAR_TEXT = "near_text"
    RECORD_OVERFULL = "record_overfull"
    DAY_OVERFULL = "day_overfull"
    DAYS_OVERFULL = "days_overfull"
    CERTIFIER_OVERFULL = "certifier_overfull"
    BURST = "burst"
    LATE_IN_TERM = "late_in_term"
    CLASS_LATE_IN_TERM = "class_late_in_term"
    LONG_AFTER = "long_after"
    BROKEN_CHAIN = "broken_chain"
    """Found by whoever keeps the records, not here: what was written is not what was hashed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The numbers detectors go by; the bureau's to set.

    Args:
        least_similarity: share of three-character pieces two texts have in common, above 0, up to 1.
        least_characters: texts shorter than this are alike by nature and not compared.
        most_minutes: what a pupil's day holds.
        most_certifier_minutes: what a certifier's day holds.
        burst_records: so many records of one account …
        burst_minutes: … within so many minutes are a burst.
        last_days: what happened earlier and was written in the last days before a class's last record is late in the term.
        long_after_days: records written longer than this after they happened are written long after.
        least_late_records: fewer late records of a pupil are no finding.
        least_late_rate: nor is a smaller share of the pupil's records.
        least_class: in smaller classes nobody stands out.
        least_distance: how far above the class's median a pupil's share lies, in robust standard deviations.
        least_spread: the standard deviation is taken to be this at least: a class that is all alike has none.
    """

    least_similarity: float
    least_characters: int
    most_minutes: int
    most_certifier_minutes: int
    burst_records: int
    burst_minutes: int
    last_days: int
    long_after_days: int
    least_late_records: int
    least_late_rate: float
    least_class: int
    least_distance: float
    least_spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A question about records, with what it rests on; no verdict.

    Args:
        kind: what was found.
        records: whom it concerns, sorted.
        students: whose they are, sorted.
        figures: what it rests on, as JSON holds it.
    """

    kind: FindingKind
    records: tuple[str, ...]
    students: tuple[str, ...]
    figures: Mapping[str, object]

    @property
    def fingerprint(self) -> str:
        """The same for the same question about the same records: SHA-256, hexadecimal."""
        return hashlib.sha256(":".join((self.kind, *(self.records or self.students))).encode()).hexdigest()


def compared(column: str) -> pl.Expr:
    """A text as it is compared: letters and digits alone, without case and width."""
    return pl.col(column).str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "")


def findings_of(kind: FindingKind | pl.Expr, grouped: pl.DataFrame) -> list[Finding]:
    """Findings out of a table.

    Args:
        kind: of all of them, or a text column that tells it.
        grouped: lists ``records`` and ``students``; every other column is a figure.
    """
    told = grouped.with_columns(pl.lit(kind.value) if isinstance(kind, FindingKind) else kind.alias("literal"))
    found = []
    # Findings are few.
    for row in told.iter_rows(named=True):
        records, students = (tuple(sorted(set(row.pop(name)))) for name in ("records", "students"))
        code = FindingKind(row.pop("literal"))
        found.append(Finding(kind=code, records=records, students=students, figures=row))
    return found
