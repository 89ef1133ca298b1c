"""What an exam's analysis is asked for beside the distribution: choice of subjects, conversion, lines, progress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from services.monitoring.exams.fields import Exact, Name, Strict, SubjectCode
from services.monitoring.exams.undergraduate import UndergraduateIn, require_composites, undergraduate_faults
from shared.scoring.balance import WEAK_AT
from shared.scoring.conversion.settings import (
    GUIZHOU_GRADES,
    ConversionSettings,
    CutRule,
    EndPoints,
    Grade,
    Population,
    ShareRule,
    SingleMark,
)
from shared.scoring.conversion.tracks import SelectionScheme
from shared.scoring.cut_lines.borderline import BAND
from shared.scoring.cut_lines.lines import CutLine
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject, total_of
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel, path_level

WHOLE_TRACK = "all"
"""The one track of an exam without a choice of subjects."""


class GradeIn(Strict):
    """A grade of a conversion: its share of candidates and its range of converted marks."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9+*]{0,3}$")]
    share: Exact
    high: int = Field(ge=0, le=1_000)
    low: int = Field(ge=0, le=1_000)


def _guizhou() -> list[GradeIn]:
    return [GradeIn(code=g.code, share=str(g.share), high=g.high, low=g.low) for g in GUIZHOU_GRADES]


class ConversionIn(Strict):
    """Rules of the grade conversion (等级赋分); whether it is a simulation follows from the exam's area."""

    grades: list[GradeIn] = Field(default_factory=_guizhou, min_length=1, max_length=30)
    full_mark: int = Field(default=100, ge=1, le=1_000)
    share_rule: ShareRule = ShareRule.CUMULATIVE
    cut_rule: CutRule = CutRule.UPPER
    end_points: EndPoints = EndPoints.REAL
    single_mark: SingleMark = SingleMark.HIGHEST


class SelectionIn(Strict):
    """The choice of subjects (3+1+2): who sits what, and what is converted."""

    common: list[SubjectCode] = Field(min_length=1, max_length=10)
    first_choices: list[SubjectCode] = Field(min_length=1, max_length=4)
    electives: list[SubjectCode] = Field(min_length=1, max_length=10)
    elective_count: int = Field(default=2, ge=1, le=10)
    conversion: ConversionIn = Field(default_factory=ConversionIn)


class CutLineIn(Strict):
    """A line on the total of one track, as a mark or from a headcount: observation only, never a quota."""

    code: SubjectCode = Field(examples=["undergraduate"])
    name_zh: Name
    name_en: Name
    track: SubjectCode = WHOLE_TRACK
    mark: Exact | None = None
    headcount: int | None = Field(default=None, ge=1)


class AnalysisSettingsIn(Strict):
    """The optional parts of an exam's analysis."""

    selection: SelectionIn | None = None
    cut_lines: list[CutLineIn] = Field(default_factory=list, max_length=20)
    undergraduate: UndergraduateIn | None = None
    borderline_below: Exact = str(BAND)
    borderline_above: Exact = str(BAND)
    effective_mark_method: Literal["same_count", "mean_share"] = "same_count"
    weak_at: float = Field(default=WEAK_AT, ge=-50, lt=0, description="弱势学科的 T 分差 / T below the own mean")
    progress_from: str | None = Field(
        default=None, max_length=60, description="进步的起点考试 / exam progress starts at"
    )


SETTINGS = tuple(AnalysisSettingsIn.model_fields)


def selection_scheme(definition: Mapping[str, Any]) -> SelectionScheme | None:
    """The choice of subjects, if the exam has one."""
    entry = definition.get("selection")
    if entry is None:
        return None
    return SelectionScheme(
        common=tuple(entry["common"]),
        first_choices=tuple(entry["first_choices"]),
        electives=tuple(entry["electives"]),
        elective_count=entry["elective_count"],
    )


def conversion_settings(definition: Mapping[str, Any], *, area: str) -> ConversionSettings:
    """The rules of conversion; anything but a whole province is a simulation and labeled so.

    Args:
        definition: an exam with a choice of subjects.
        area: organization path of the exam.

    Raises:
        DomainError: ``scoring.conversion_invalid`` with every contradiction.
    """
    entry = definition["selection"]["conversion"]
    return ConversionSettings(
        population=Population.PROVINCE if path_level(area) is OrgLevel.PROVINCE else Population.SIMULATED,
        grades=tuple(Grade(g["code"], Decimal(g["share"]), g["high"], g["low"]) for g in entry["grades"]),
        full_mark=entry["full_mark"],
        share_rule=ShareRule(entry["share_rule"]),
        cut_rule=CutRule(entry["cut_rule"]),
        end_points=EndPoints(entry["end_points"]),
        single_mark=SingleMark(entry["single_mark"]),
    )


def cut_lines(definition: Mapping[str, Any]) -> tuple[CutLine, ...]:
    """The lines of all tracks."""
    return tuple(
        CutLine(
            code=entry["code"],
            track=entry["track"],
            mark=None if entry["mark"] is None else Decimal(entry["mark"]),
            headcount=entry["headcount"],
        )
        for entry in definition.get("cut_lines", ())
    )


def require_settings(definition: Mapping[str, Any], plan: AnalysisPlan, *, area: str) -> None:
    """Refuses settings that contradict the subjects, all faults at once.

    Raises:
        DomainError: ``scoring.plan_invalid``, ``scoring.conversion_invalid``.
    """
    faults = list(_faults(definition, {subject.code for subject in plan.outcomes}))
    if faults:
        raise DomainError("scoring.plan_invalid", faults=faults)
    conversion = None if definition.get("selection") is None else conversion_settings(definition, area=area)
    if definition.get("undergraduate") is not None:
        require_composites(definition, _track_totals(definition, plan, conversion))


def _track_totals(
    definition: Mapping[str, Any], plan: AnalysisPlan, conversion: ConversionSettings | None
) -> dict[str, Subject]:
    """Grid of the total by track; electives count on the converted grid."""
    scheme = selection_scheme(definition)
    if scheme is None or conversion is None:
        return {WHOLE_TRACK: plan.total}
    elective = Subject("elective", Decimal(conversion.full_mark), Decimal(1))
    electives = (elective,) * scheme.elective_count
    return {
        first: total_of((*(plan.subject(code) for code in (*scheme.common, first)), *electives))
        for first in scheme.first_choices
    }


def _faults(definition: Mapping[str, Any], outcomes: set[str]) -> Iterator[Fault]:
    scheme = selection_scheme(definition)
    tracks = {WHOLE_TRACK}
    if scheme is not None:
        tracks = set(scheme.first_choices)
        named = [*scheme.common, *scheme.first_choices, *scheme.electives]
        for code in sorted(set(named) - outcomes):
            yield Fault("exam.selection_subject_unknown", pointer="/selection", value=code)
        for code in sorted({code for code in named if named.count(code) > 1}):
            yield Fault("scoring.plan_duplicate", pointer="/selection", value=code)
        if scheme.elective_count > len(scheme.electives):
            yield Fault("exam.selection_too_few_electives", pointer="/selection/elective_count")
    yield from undergraduate_faults(definition, tracks)
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(cut_lines(definition)):
        pointer = f"/cut_lines/{number}"
        if line.track not in tracks:
            yield Fault("exam.line_track_unknown", pointer=pointer, value=line.track, allowed=", ".join(sorted(tracks)))
        if (line.mark is None) == (line.headcount is None):
            yield Fault("scoring.line_definition", pointer=pointer, value=line.code)
        if (line.track, line.code) in seen:
            yield Fault("scoring.plan_duplicate", pointer=pointer, value=line.code)
        seen.add((line.track, line.code))
