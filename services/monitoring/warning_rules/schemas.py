"""Rules of early warnings as callers read them, and parameters as a bureau sets them."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr, StringConstraints

from services.monitoring.exams.fields import Strict
from services.monitoring.warning_rules.service import RuleRecord
from services.monitoring.warning_rules.tables import RuleParameters
from shared.policy.exam_kinds import LegalRule
from shared.policy.warnings import WarningParameter, WarningRule
from shared.scoring.statistics.rates import wilson_interval

Reason = Annotated[str, StringConstraints(min_length=5, max_length=500, strip_whitespace=True)]


class DocumentOut(BaseModel):
    """The document a rule rests on."""

    id: str
    title: dict[str, str]
    in_force_from: dt.date
    verified: bool


class ParameterOut(BaseModel):
    """A parameter: what is in force here today, the default, and what may be set."""

    name: dict[str, str]
    value: float | int | str
    default: float | int | str
    least: float | None
    most: float | None
    choices: list[str]
    verified: bool


class PrecisionOut(BaseModel):
    """Share of closed warnings that were confirmed, with the 95 % Wilson interval; null while none is closed."""

    value: float
    n: int
    ci: tuple[float, float]


class RuleYearOut(BaseModel):
    """What became of a rule's warnings about exams of one school year, within the caller's organization."""

    school_year: str
    raised: int
    withdrawn: int
    escalated: int
    closed: int
    confirmed: int
    explained: int
    false_alarm: int
    data_error: int
    precision: PrecisionOut | None
    median_days_to_respond: float | None


class WarningRuleOut(BaseModel):
    """A rule with its parameters and its record."""

    code: str
    name: dict[str, str]
    table: str
    measures: list[str]
    subject: str
    exam_kinds: list[str]
    severity: str
    weaker_severity: str | None
    action: str
    owner: str
    covered_by: str | None
    in_force_from: dt.date
    verified: bool
    document: DocumentOut
    parameters: dict[str, ParameterOut]
    years: list[RuleYearOut]


class WarningRulesOut(BaseModel):
    """Every rule."""

    items: list[WarningRuleOut]


class ParametersIn(Strict):
    """Parameters of a rule; those left out keep their defaults."""

    parameters: dict[str, StrictInt | StrictFloat | StrictStr] = Field(max_length=20, examples=[{"threshold": 0.25}])
    in_force_from: dt.date = Field(description="适用于此日及以后举行的考试 / for exams held on or after this day")
    reason: Reason


class ParametersOut(BaseModel):
    """Parameters as they were set."""

    rule: str
    org_path: str
    in_force_from: dt.date
    parameters: dict[str, float | int | str]
    reason: str
    version: int


class ParametersHistoryOut(BaseModel):
    """Everything that was set for a rule, oldest first."""

    items: list[ParametersOut]


def rule_out(record: RuleRecord) -> WarningRuleOut:
    """A rule as a reader sees it."""
    rule: WarningRule = record.rule
    return WarningRuleOut(
        code=rule.code,
        name=dict(rule.name),
        table=rule.table,
        measures=list(rule.measures),
        subject=rule.subject,
        exam_kinds=sorted(rule.kinds),
        severity=rule.severity,
        weaker_severity=rule.weaker_severity,
        action=rule.action,
        owner=rule.owner,
        covered_by=rule.covered_by,
        in_force_from=rule.in_force_from,
        verified=rule.verified,
        document=_document(rule.rule),
        parameters={name: _parameter(each, record.parameters[name]) for name, each in rule.parameters.items()},
        years=[year_out(row) for row in record.years],
    )


def year_out(row: Mapping[str, Any]) -> RuleYearOut:
    """One year of a rule's record."""
    return RuleYearOut(**row, precision=precision(row["confirmed"], row["closed"]))


def precision(confirmed: int, closed: int) -> PrecisionOut | None:
    """Confirmed warnings among those people have closed; explained ones, false alarms and data errors count against it."""
    if not closed:
        return None
    low, high = wilson_interval(np.array([confirmed]), np.array([closed]))
    return PrecisionOut(value=confirmed / closed, n=closed, ci=(float(low[0]), float(high[0])))


def parameters_out(row: RuleParameters) -> ParametersOut:
    """Parameters as callers see them."""
    return ParametersOut(
        rule=row.rule_code,
        org_path=row.org_path,
        in_force_from=row.in_force_from,
        parameters=row.parameters,
        reason=row.reason,
        version=row.version,
    )


def _document(rule: LegalRule) -> DocumentOut:
    return DocumentOut(id=rule.id, title=dict(rule.title), in_force_from=rule.in_force_from, verified=rule.verified)


def _parameter(parameter: WarningParameter, value: Any) -> ParameterOut:
    return ParameterOut(
        name=dict(parameter.name),
        value=value,
        default=parameter.default,
        least=parameter.least,
        most=parameter.most,
        choices=list(parameter.choices),
        verified=parameter.verified,
    )
