"""The same file among different pupils, by its content (SCORING §7c.1)."""

from __future__ import annotations

import polars as pl

from shared.scoring.forensics.base import Finding, FindingKind, Parameters, findings_of


def same_files(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """One finding for every file that records of several pupils have."""
    del parameters
    held = files.unique().join(records.select("record", "student"), on="record")
    grouped = held.group_by("sha256").agg(
        records=pl.col("record"),
        students=pl.col("student"),
        pupils=pl.col("student").n_unique(),
    )
    return findings_of(FindingKind.SAME_FILE, grouped.filter(pl.col("pupils") > 1))


def files_elsewhere(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """One finding for every file that records of other schools have too; whose they are is not told."""
    del parameters
    held = files.unique().filter(pl.col("elsewhere") > 0).join(records.select("record", "student"), on="record")
    grouped = held.group_by("sha256").agg(
        records=pl.col("record"), students=pl.col("student"), elsewhere=pl.col("elsewhere").max()
    )
    return findings_of(FindingKind.FILE_ELSEWHERE, grouped)
