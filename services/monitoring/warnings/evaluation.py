"""Pure: which warnings the figures of an exam call for, and what becomes of those raised before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from services.monitoring.warnings.rules import OPEN, WarningState
from shared.policy.warnings import Severity, WarningRule, warning_rules
from shared.scoring.early_warnings import DETECTORS, ExamFigures

MISSING_SHEET = "missing_sheet"
#: (rule, school, subject, detail): a finding is raised once in an exam.
Key = tuple[str, str, str, str]
_FIGURE = ("n", "value", "se", "ci_low", "ci_high", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A school that a rule found, with the figures that say so."""

    rule: WarningRule
    school_code: str
    subject: str
    detail: str
    severity: Severity
    evidence: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """What makes it the same finding when the exam is looked at again."""
        return self.rule.code, self.school_code, self.subject, self.detail


Parameters = Mapping[str, Mapping[str, Any]]
"""Parameters in force by rule."""


def rules_for(*, kind: str, held_on: dt.date) -> list[WarningRule]:
    """Rules that an exam's published figures can break."""
    rules = warning_rules().values()
    return [rule for rule in rules if rule.detector in DETECTORS and rule.applies_to(kind=kind, held_on=held_on)]


def figure_findings(
    rules: Sequence[WarningRule], current: ExamFigures, earlier: Sequence[ExamFigures], parameters: Parameters
) -> list[Finding]:
    """What the rules find in an exam's figures, all schools at once; a rule covered by another yields to it."""
    found = {rule.code: DETECTORS[rule.detector].find(current, earlier, parameters[rule.code]) for rule in rules}
    for rule in rules:
        if rule.covered_by in found:
            found[rule.code] = _uncovered(found[rule.code], found[rule.covered_by])
    return [
        _finding(rule, row, parameters[rule.code]) for rule in rules for row in found[rule.code].iter_rows(named=True)
    ]


def _uncovered(frame: pl.DataFrame, covering: pl.DataFrame) -> pl.DataFrame:
    """Findings that the covering rule does not make, or makes only more weakly."""
    key = ["school_code", "subject", "detail"]
    joined = frame.join(covering.select(*key, pl.col("is_weaker").alias("covering_is_weaker")), on=key, how="left")
    covered = (~pl.col("covering_is_weaker") | pl.col("is_weaker")).fill_null(value=False)
    return joined.filter(~covered).drop("covering_is_weaker")


def _finding(rule: WarningRule, row: Mapping[str, Any], parameters: Mapping[str, Any]) -> Finding:
    weaker = bool(row["is_weaker"])
    evidence = {
        "table": rule.table,
        "measures": list(rule.measures),
        "criterion": dict(parameters),
        "is_weaker": weaker,
        "figure": {name: row[name] for name in _FIGURE},
        "series": row["series"],
    }
    severity = rule.weaker_severity if weaker and rule.weaker_severity else rule.severity
    return Finding(
        rule=rule,
        school_code=row["school_code"],
        subject=row["subject"],
        detail=row["detail"],
        severity=severity,
        evidence=evidence,
    )


def missing_sheets(
    *, held_on: dt.date, received_on: Mapping[str, dt.date | None], today: dt.date, parameters: Mapping[str, Any]
) -> list[Finding]:
    """Schools whose first sheet came after it was due, or has not come though it was.

    Args:
        held_on: day of the exam.
        received_on: day of the first sheet by participating school, ``None`` without one.
        today: the day it is.
        parameters: of the rule.
    """
    rule = warning_rules()[MISSING_SHEET]
    due = held_on + dt.timedelta(days=int(parameters["days_after_exam"]))
    late = {school: day for school, day in received_on.items() if (day or today) > due}
    return [
        Finding(
            rule=rule,
            school_code=school,
            subject="",
            detail="",
            severity=rule.severity,
            evidence={
                "table": rule.table,
                "measures": list(rule.measures),
                "criterion": dict(parameters),
                "due_on": due.isoformat(),
                "received_on": day.isoformat() if day else None,
            },
        )
        for school, day in sorted(late.items())
    ]


class Standing(Protocol):
    """A warning raised before."""

    rule_code: Any
    school_code: Any
    subject: Any
    detail: Any
    state: Any
    evidence: Any
    severity: Any


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What becomes of the warnings of an exam."""

    raised: list[Finding]
    raised_again: list[tuple[Any, Finding]]
    changed: list[tuple[Any, Finding]]
    kept: list[Any]
    withdrawn: list[Any]


def reckon(findings: Iterable[Finding], standing: Iterable[Standing]) -> Reckoning:
    """Holds what is found against what was raised: the same finding is raised once; what no longer holds is withdrawn.

    Closed warnings stay as they were closed: people have decided on them.
    """
    found = {finding.key: finding for finding in findings}
    before = {(each.rule_code, each.school_code, each.subject, each.detail): each for each in standing}
    both = [(before[key], found[key]) for key in found if key in before]
    return Reckoning(
        raised=[finding for key, finding in found.items() if key not in before],
        raised_again=[pair for pair in both if pair[0].state == WarningState.WITHDRAWN],
        changed=[pair for pair in both if pair[0].state in OPEN and _differs(*pair)],
        kept=[pair[0] for pair in both if pair[0].state in OPEN and not _differs(*pair)],
        withdrawn=[each for key, each in before.items() if key not in found and each.state in OPEN],
    )


def _differs(warning: Standing, finding: Finding) -> bool:
    told = {name: value for name, value in warning.evidence.items() if name in finding.evidence}
    return told != dict(finding.evidence) or warning.severity != finding.severity
