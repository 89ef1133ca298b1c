"""Results as their readers see them."""

import datetime as dt
from typing import Any

from pydantic import BaseModel

from services.school_eval.results.tables import CampaignResult
from shared.kits.explanations import ExplanationNodeOut, explained_node, words
from shared.scoring.scheme.explanation import Explanation


class VersionOut(BaseModel):
    """A version of a campaign's results."""

    version: str
    inputs: dict[str, Any]
    inputs_sha256: str
    counts: dict[str, Any] | None
    changes: dict[str, Any] | None
    software: dict[str, str]
    reason: str | None
    computed_at: dt.datetime
    shown_at: dt.datetime | None


class ResultsOut(BaseModel):
    """Versions that the caller may see, newest first."""

    campaign: str
    in_force: str | None
    versions: list[VersionOut]


class SchoolResultOut(BaseModel):
    """A school's total and grade; places are shown to the leading office alone."""

    school_code: str
    name_zh: str
    county_code: str
    group: str
    total: float | None
    grade: str | None
    uncapped_grade: str | None
    vetoed_by: list[str]
    blocked_by: list[str]
    leaf_count: int
    missing_count: int
    group_count: int
    rank_in_group: int | None


class SchoolResultsPage(BaseModel):
    """A page of schools."""

    campaign: str
    version: str
    items: list[SchoolResultOut]
    next_cursor: str | None


class DimensionOut(BaseModel):
    """A node of the profile: percent of full marks beside the group, without names or places."""

    node: str
    name: dict[str, str]
    depth: int
    percent: float | None
    printed_points: float | None
    printed_points_possible: float | None
    group_count: int
    group_mean: float | None
    group_sd: float | None
    standardized_difference: float | None


class LeafNamedOut(BaseModel):
    """A leaf named as a strength, or as what to mend first."""

    node: str
    name: dict[str, str]
    printed_points: float | None
    printed_points_possible: float | None


class BandOut(BaseModel):
    """Where a total stands in its group: quarters of the group, no places."""

    group: str
    units: int
    quartiles: list[float] | None
    quarter: int | None


class ProfileOut(BaseModel):
    """A school's result: total, grade, profile, strengths, what to mend."""

    campaign: str
    version: str
    school: SchoolResultOut
    grade_sentence: dict[str, str]
    band: BandOut
    dimensions: list[DimensionOut]
    strengths: list[LeafNamedOut]
    to_mend: list[LeafNamedOut]


class ExplanationOut(BaseModel):
    """How a school came to its total and grade; printed points add up at every level."""

    campaign: str
    version: str
    school_code: str
    group: str
    grade: str | None
    uncapped_grade: str | None
    grade_sentence: dict[str, str]
    vetoed_by: list[str]
    blocked_by: list[str]
    root: ExplanationNodeOut


class ChangedFigureOut(BaseModel):
    """A figure that a version changed, before and after as text; an empty node is the total."""

    school_code: str
    node: str
    figure: str
    before: str | None
    after: str | None


class ChangesPage(BaseModel):
    """A page of everything a version changed, within the caller's organization."""

    campaign: str
    version: str
    reason: str | None
    items: list[ChangedFigureOut]
    next_cursor: str | None


class CountyOut(BaseModel):
    """A county rolled up from its schools."""

    county_code: str
    schools: int
    with_total: int
    mean_total: float | None
    grades: dict[str, int]
    at_least_rate: dict[str, float]


class CountiesOut(BaseModel):
    """Counties within the caller's organization."""

    campaign: str
    version: str
    items: list[CountyOut]


class TrendPointOut(BaseModel):
    """A school's result in one campaign."""

    campaign: str
    school_year: str
    version: str
    scheme_number: int
    total: float | None
    grade: str | None


class TrendOut(BaseModel):
    """A school's results by the same scheme over the years, oldest first."""

    school_code: str
    points: list[TrendPointOut]


class SensitivityOut(BaseModel):
    """How stable grades are under other weights and under sampling error."""

    campaign: str
    version: str
    weight_change: float
    draws: int
    seed: int
    summary: list[dict[str, Any]]
    unstable: list[dict[str, Any]]


def version_out(row: CampaignResult, *, is_leading: bool) -> VersionOut:
    """A version; counts of a whole city are the leading office's."""
    changes = row.changes if is_leading or row.changes is None else {"figures": row.changes["figures"]}
    return VersionOut(
        version=row.version,
        inputs=row.inputs if is_leading else {"scheme": row.inputs["scheme"]},
        inputs_sha256=row.inputs_sha256,
        counts=row.counts if is_leading else None,
        changes=changes,
        software=row.software,
        reason=row.reason,
        computed_at=row.computed_at,
        shown_at=row.shown_at,
    )


def explanation_out(found: Explanation, *, campaign: str, version: str) -> ExplanationOut:
    """An explanation as its readers see it."""
    return ExplanationOut(
        campaign=campaign,
        version=version,
        school_code=found.unit_code,
        group=found.group,
        grade=found.grade,
        uncapped_grade=found.uncapped_grade,
        grade_sentence=words(found.grade_sentence) or {},
        vetoed_by=list(found.vetoed_by),
        blocked_by=list(found.blocked_by),
        root=explained_node(found.root),
    )
