"""What the detectors of early warnings share: what they are given, and the form of what they find (SCORING §14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shared.scoring.levels import LEVEL_KEYS
from shared.scoring.plan import AnalysisPlan
from shared.terms.organization import OrgLevel

SCHOOL = list(LEVEL_KEYS[OrgLevel.SCHOOL])
#: Schools expected to take part and their enrollment: ``county_code, school_code, enrolled``.
ENROLLMENT = "enrollment"
_NUMBERS = ("value", "se", "ci_low", "ci_high", "reference")
_POINT = {"label": pl.String(), "n": pl.Int64()} | dict.fromkeys(_NUMBERS, pl.Float64())
#: Columns of every finding: where, about what, how strong, the principal figure, and the figures it rests on, in order.
FINDING: Mapping[str, pl.DataType] = (
    dict.fromkeys(("county_code", "school_code", "subject", "detail"), pl.String())
    | {"is_weaker": pl.Boolean(), "n": pl.Int64()}
    | dict.fromkeys(_NUMBERS, pl.Float64())
    | {"series": pl.List(pl.Struct(_POINT))}
)
#: A finding is about a school, a subject and a detail: each once.
FINDING_KEY = ("county_code", "school_code", "subject", "detail")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExamFigures:
    """Figures of one published exam.

    Args:
        school_year: such as ``2026-2027``.
        plan: what the figures were asked for with.
        frames: result frames by name, whole; frames that the exam has none of are left out.
    """

    school_year: str
    plan: AnalysisPlan
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def frame(self, name: str) -> pl.DataFrame:
        """A frame, or one without rows or columns."""
        return self.frames.get(name, pl.DataFrame())


Parameters = Mapping[str, Any]
Find = Callable[[ExamFigures, Sequence[ExamFigures], Parameters], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Detector:
    """One way of finding schools to be warned.

    Args:
        code: its name in the rules.
        table: the frame it judges by.
        measures: the figures of that frame it judges by.
        parameters: the parameters it takes.
        find: findings from the exam's figures and those of earlier exams, newest first.
    """

    code: str
    table: str
    measures: frozenset[str]
    parameters: frozenset[str]
    find: Find


def no_findings() -> pl.DataFrame:
    """A frame of findings without rows."""
    return pl.DataFrame(schema=pl.Schema(FINDING))


def findings(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows as findings: columns that are not there are null (``is_weaker``: false), order by key."""
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in FINDING.items() if name not in frame.columns]
    shaped = frame.with_columns(missing).select(list(FINDING)).cast(pl.Schema(FINDING))
    return shaped.with_columns(
        pl.col("subject").fill_null(""), pl.col("detail").fill_null(""), pl.col("is_weaker").fill_null(value=False)
    ).sort(FINDING_KEY)


def point(label: pl.Expr, **figures: pl.Expr) -> pl.Expr:
    """One figure of a series; those that are not given are null."""
    fields = [label.cast(pl.String).alias("label")]
    fields += [
        figures.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in _POINT.items() if name != "label"
    ]
    return pl.struct(fields)


def consecutive(current: ExamFigures, earlier: Sequence[ExamFigures], *, years: int) -> list[ExamFigures]:
    """The exam and those of the school years just before it, newest first, up to ``years`` before; a gap ends it."""
    by_year = {figures.school_year: figures for figures in reversed(earlier)}
    run = [current]
    while len(run) <= years and (before := by_year.get(_year_before(run[-1].school_year))) is not None:
        run.append(before)
    return run


def _year_before(school_year: str) -> str:
    first = int(school_year[:4])
    return f"{first - 1}-{first}"
