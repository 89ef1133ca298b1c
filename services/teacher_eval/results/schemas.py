"""Results as people read their own, schools theirs, offices shares of grades."""

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.teacher_eval.results.tables import SchoolResult
from shared.kits.explanations import ExplanationNodeOut, explained_node, words
from shared.policy.annual_assessment import AnnualGrade
from shared.scoring.scheme.explanation import Explanation


class VersionOut(BaseModel):
    """A version of a school's results."""

    version: str
    inputs: dict[str, Any]
    inputs_sha256: str
    frames: dict[str, str]
    counts: dict[str, Any]
    software: dict[str, str]
    changes: dict[str, Any] | None
    computed_at: dt.datetime


class VersionsOut(BaseModel):
    """Versions of a school's results, newest first."""

    cycle: str
    school_code: str
    versions: list[VersionOut]


class AreaOut(BaseModel):
    """Points of an area, of how many."""

    node: str
    name: dict[str, str]
    printed_points: float | None
    printed_points_possible: float | None


class PersonResultOut(BaseModel):
    """Somebody's total, areas and grade, for the school."""

    staff_key: str
    name: str
    group: str
    total: Decimal | None
    grade: AnnualGrade | None
    areas: list[AreaOut]


class BandOut(BaseModel):
    """Where a total lies among those of its group; nothing of groups that would tell single people."""

    group: str
    people: int
    quartiles: list[float] | None
    quarter: int | None


class OwnResultOut(BaseModel):
    """One's own result beside the group's bands."""

    cycle: str
    version: str
    total: Decimal | None
    grade: AnnualGrade | None
    grade_reason: str | None
    areas: list[AreaOut]
    band: BandOut
    review_until: dt.datetime | None


class ExplanationOut(BaseModel):
    """How a total came about: values, rules, weights and points, adding up at every level."""

    cycle: str
    version: str
    staff_key: str
    vetoed_by: list[str]
    blocked_by: list[str]
    grade_sentence: dict[str, str]
    origins: dict[str, Any]
    root: ExplanationNodeOut


class ChangedFigureOut(BaseModel):
    """A figure that a version changed."""

    staff_key: str
    node: str
    figure: str
    before: str | None
    after: str | None


class GradeShareOut(BaseModel):
    """How many people of a county have which grade; small counts, and those that would tell them, are withheld."""

    county_code: str
    people: int
    graded: int
    counts: dict[str, int | None]
    rates: dict[str, float | None]


class GradeSharesOut(BaseModel):
    """Shares of grades in counties, of schools whose results were filed."""

    cycle: str
    least_count: int
    items: list[GradeShareOut]


def version_out(row: SchoolResult) -> VersionOut:
    """A version as callers see it."""
    return VersionOut(**{name: getattr(row, name) for name in VersionOut.model_fields})


def explanation_out(found: Explanation, *, cycle: str, result: SchoolResult) -> ExplanationOut:
    """An explanation as its readers see it, with where each computed figure is from."""
    return ExplanationOut(
        cycle=cycle,
        version=result.version,
        staff_key=found.unit_code,
        vetoed_by=list(found.vetoed_by),
        blocked_by=list(found.blocked_by),
        grade_sentence=words(found.grade_sentence) or {},
        origins=result.inputs["origins"],
        root=explained_node(found.root),
    )
