"""Pure decisions about reports: which group is meant, and what of its figures is a strength or a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.policy.visibility import PupilsToHelp, ResultVisibility
from shared.scoring.subjects import TOTAL
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

#: Classes of one teacher's report.
MOST_CLASSES = 10


class ReportLevel(StrEnum):
    """Whom a report is about; a teacher's is about several classes side by side."""

    CITY = "city"
    COUNTY = "county"
    SCHOOL = "school"
    TEACHER = "teacher"
    CLASS = "class"

    @property
    def of_groups(self) -> OrgLevel:
        """Level of the groups it describes."""
        return OrgLevel.CLASS if self is ReportLevel.TEACHER else OrgLevel(self.value)


class ReportBasis(StrEnum):
    """What the figures of a report are: measured of all, or estimated for all from a drawn sample."""

    CENSUS = "census"
    SAMPLE_ESTIMATE = "sample_estimate"


class Verdict(StrEnum):
    """What a difference to the reference group says."""

    STRENGTH = "strength"
    GAP = "gap"
    IN_LINE = "in_line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The groups a report describes.

    Args:
        level: whom it is about.
        county_code: the county, at its level.
        school_code: the school, at its level and below.
        class_codes: the classes of a class or a teacher.
    """

    level: ReportLevel
    county_code: str | None = None
    school_code: str | None = None
    class_codes: tuple[str, ...] = ()


def report_scope(
    level: ReportLevel,
    visibility: ResultVisibility,
    *,
    county_code: str | None,
    school_code: str | None,
    class_codes: Sequence[str],
) -> Scope:
    """The groups that a caller means; the own county and the own school need not be named.

    Raises:
        DomainError: ``report.scope_unclear`` with what is missing or too much.
    """
    classes = tuple(dict.fromkeys(class_codes))
    if level.of_groups is OrgLevel.CLASS:
        most = 1 if level is ReportLevel.CLASS else MOST_CLASSES
        if not 1 <= len(classes) <= most:
            raise _unclear(level, f"class_code (1–{most})")
    elif classes:
        raise _unclear(level, f"class_code (0), level={ReportLevel.CLASS.value}")
    if level.of_groups in (OrgLevel.CLASS, OrgLevel.SCHOOL):
        school = school_code or visibility.own_school
        if school is None:
            raise _unclear(level, "school_code")
        return Scope(level=level, school_code=school, class_codes=classes)
    if school_code is not None:
        raise _unclear(level, "school_code (0)")
    if level is ReportLevel.COUNTY:
        county = county_code or _own_county(visibility)
        if county is None:
            raise _unclear(level, "county_code")
        return Scope(level=level, county_code=county)
    if county_code is not None:
        raise _unclear(level, "county_code (0)")
    return Scope(level=level)


def _own_county(visibility: ResultVisibility) -> str | None:
    return None if visibility.level in (OrgLevel.PROVINCE, OrgLevel.CITY) else visibility.area


def _unclear(level: ReportLevel, needed: str) -> DomainError:
    return DomainError("report.scope_unclear", params={"level": level.value, "needed": needed})


def subject_of(definition: Mapping[str, Any], code: str) -> dict[str, Any]:
    """A subject that reports are made of: an outcome, or the total of several.

    Raises:
        DomainError: ``resource.not_found``.
    """
    outcomes = [subject for subject in definition["subjects"] if subject["role"] == "outcome"]
    if code == TOTAL and len(outcomes) > 1:
        return {"code": TOTAL, "name_zh": "总分", "name_en": "Total", "full_mark": None}
    for subject in outcomes:
        if subject["code"] == code:
            return {name: subject[name] for name in ("code", "name_zh", "name_en", "full_mark")}
    raise DomainError("resource.not_found", params={"what": f"subject {code}"})


def verdict(ci: Sequence[float] | None) -> Verdict | None:
    """A strength or a gap only where the interval of the difference does not hold 0; ``None`` without an interval."""
    if ci is None:
        return None
    if ci[0] > 0:
        return Verdict.STRENGTH
    return Verdict.GAP if ci[1] < 0 else Verdict.IN_LINE


def opposite(found: Verdict | None) -> Verdict | None:
    """The verdict on a figure of which less is better."""
    swapped = {Verdict.STRENGTH: Verdict.GAP, Verdict.GAP: Verdict.STRENGTH}
    return found if found is None else swapped.get(found, found)


class PupilReason(StrEnum):
    """Why a candidate is proposed for help, the weightiest first."""

    BELOW_LOW_SCORE = "below_low_score"
    BELOW_PASS = "below_pass"  # noqa: S105 - a mark, not a word
    LARGE_GAPS = "large_gaps"


def require_pupils_shown(visibility: ResultVisibility, scope: Scope) -> None:
    """Refuses to name candidates to anybody but the school's own teachers, and to a teacher without classes.

    Raises:
        DomainError: ``report.pupils_withheld`` with the rule.
    """
    shown = {
        PupilsToHelp.NONE: False,
        PupilsToHelp.NAMED_CLASSES: bool(scope.class_codes),
        PupilsToHelp.SCHOOL: scope.school_code is not None,
    }
    if not shown[visibility.pupils_to_help]:
        rule = next(made.rule for made in visibility.decisions if made.about == "pupils_to_help")
        raise DomainError("report.pupils_withheld", params={"rule": f"{rule.id} {rule.title['zh']}"})
