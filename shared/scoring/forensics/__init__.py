"""Forensics of records and their evidence: reasons to ask, never findings of guilt (SCORING §7c). Pure."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from shared.scoring.forensics.base import Finding, Parameters
from shared.scoring.forensics.hours import busy_certifiers, impossible_hours
from shared.scoring.forensics.late_entries import bursts, late_in_term, long_after
from shared.scoring.forensics.near_copies import near_copies
from shared.scoring.forensics.same_files import files_elsewhere, same_files

Detector = Callable[[pl.DataFrame, pl.DataFrame, Parameters], list[Finding]]
#: Everything that is looked for.
DETECTORS: tuple[Detector, ...] = (
    same_files,
    files_elsewhere,
    near_copies,
    impossible_hours,
    busy_certifiers,
    bursts,
    late_in_term,
    long_after,
)


def record_findings(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """Everything there is to ask about a school's records of a term.

    Args:
        records: of ``base.RECORD_SCHEMA``; the order of rows does not matter.
        files: of ``base.FILE_SCHEMA``.
        parameters: the numbers to go by.

    Returns:
        Findings by kind and fingerprint.
    """
    found = [finding for detector in DETECTORS for finding in detector(records, files, parameters)]
    return sorted(found, key=lambda finding: (finding.kind, finding.fingerprint))
