"""One school's corrected marks: the city's figures current again, against gathering and finishing everything (§0)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.city import CODES, PLAN
from bench.distribution import FILE
from bench.measure import Contender
from shared.scoring.distribution import distribution_table, gather_part, replace_part
from shared.scoring.frame import total_code
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.summaries.mark_histogram import (
    LeveledHistograms,
    level_histograms,
)
from shared.scoring.summaries.mark_view import MarkView
from shared.scoring.summary_table import finish_levels, join_subjects
from shared.terms.organization import OrgLevel

SCHOOL = "s00003"
_CORRECTED = pl.when((pl.col("school_code") == SCHOOL) & (pl.col("math") > 0))


@dataclass(frozen=True, slots=True)
class Stored:
    """What a running platform keeps: the city's histograms, and the school's old and new marks."""

    city: LeveledHistograms
    old: pl.DataFrame
    new: pl.DataFrame


def _stored(folder: Path) -> Stored:
    sheet = pl.read_parquet(folder / FILE, columns=[*KEY_COLUMNS, *CODES]).with_columns(total_code(PLAN))
    old = sheet.filter(pl.col("school_code") == SCHOOL)
    city = level_histograms(gather_part(sheet, PLAN, level=OrgLevel.CITY).values(), [OrgLevel.CITY])
    return Stored(city, old, old.with_columns(_corrected()).with_columns(total_code(PLAN)))


def _corrected() -> pl.Expr:
    return _CORRECTED.then(pl.col("math") - 1).otherwise(pl.col("math")).alias("math")


def _replace(stored: Stored) -> pl.DataFrame:
    old, new = (gather_part(part, PLAN, level=OrgLevel.CITY) for part in (stored.old, stored.new))
    city = replace_part(stored.city, old=old, new=new)
    parts = [
        finish_levels({OrgLevel.CITY: MarkView(city[subject.code, OrgLevel.CITY])}, PLAN) for subject in PLAN.reported
    ]
    return join_subjects(parts, PLAN)


def _everything(folder: Path) -> pl.DataFrame:
    return distribution_table(pl.scan_parquet(folder / FILE).with_columns(_corrected()), PLAN)


def _tidy(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("level") == OrgLevel.CITY.value).drop(SUPPRESSION)


SUPPRESSION = ("suppressed", "suppression")
CONTENDERS = (
    Contender("this project", _replace, _tidy, prepare=_stored),
    Contender("everything again", _everything, _tidy),
)
