"""Early warnings as callers read them, and the words that go with each step."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field, StringConstraints

from services.monitoring.exams.fields import Strict
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.warnings.rules import (
    AWAITING,
    STEPS,
    Outcome,
    WarningState,
    possible_steps,
    unverified_years,
)
from services.monitoring.warnings.tables import EarlyWarning, WarningMessage
from shared.policy.warnings import warning_rules
from shared.terms.actor import Actor

Words = Annotated[
    str,
    StringConstraints(min_length=5, max_length=4_000, strip_whitespace=True),
    Field(description="不得写学生姓名、证件号码或学籍号 / no pupil's name or number"),
]
#: Tables that have an address of their own among an exam's results.
_ADDRESSED = frozenset({"summary", "cumulative", "value_added_schools", "item_attainment"})


class WordsIn(Strict):
    """A step with its words: the response is the action plan."""

    text: Words


class AcknowledgeIn(Strict):
    """Taking note; words are optional."""

    text: Words = "已知悉 / noted"


class CloseIn(Strict):
    """Closing with what it turned out to be."""

    outcome: Outcome
    text: Words


class FigureOut(BaseModel):
    """The figure that says so, with its interval and what it is held against."""

    label: str | None
    value: float | None
    n: int | None
    se: float | None
    ci: tuple[float, float] | None
    reference: float | None


class EvidenceOut(BaseModel):
    """Why a warning was raised: figures, criterion, source."""

    exam: str
    version: str | None
    table: str
    measures: list[str]
    criterion: dict[str, Any]
    is_weaker: bool
    figure: FigureOut | None
    series: list[FigureOut]
    due_on: dt.date | None
    received_on: dt.date | None
    links: dict[str, str]


class MessageOut(BaseModel):
    """One entry of the thread; ``author_org`` is null for the platform."""

    kind: str
    text: str
    author_org: str | None
    at: dt.datetime


class WarningOut(BaseModel):
    """A warning in a list."""

    id: uuid.UUID
    exam: str
    school_year: str
    rule: str
    name: dict[str, str]
    county_code: str
    school_code: str
    school_name_zh: str
    subject: str | None
    detail: str | None
    severity: str
    action: str
    state: WarningState
    state_reason: str | None
    owner: str
    due_on: dt.date
    unverified_years: list[int] = Field(
        description="期限涉及、尚无国务院放假通知的年份 / years the deadline touches whose holidays rest on no notice"
    )
    is_overdue: bool
    outcome: Outcome | None
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None
    responded_at: dt.datetime | None
    escalated_at: dt.datetime | None
    closed_at: dt.datetime | None
    actions: list[str]
    version: int


class WarningDetail(WarningOut):
    """A warning with its evidence and its thread."""

    evidence: EvidenceOut
    messages: list[MessageOut]


class WarningCount(BaseModel):
    """Warnings under one value of the dimension, by state."""

    key: str
    total: int
    overdue: int
    states: dict[str, int]


class WarningCountsOut(BaseModel):
    """Counts by a dimension, in its order."""

    by: str
    items: list[WarningCount]


def warning_out(warning: EarlyWarning, actor: Actor, today: dt.date) -> WarningOut:
    """A warning as a caller sees it in a list."""
    return WarningOut(**_plain(warning, actor, today))


def warning_detail(
    warning: EarlyWarning, messages: Sequence[WarningMessage], actor: Actor, today: dt.date, *, root: str
) -> WarningDetail:
    """A warning on its own; ``root`` is where the service's addresses begin."""
    return WarningDetail(
        **_plain(warning, actor, today),
        evidence=evidence_out(warning, root),
        messages=[
            MessageOut(kind=each.kind, text=each.body, author_org=each.author_org or None, at=each.at)
            for each in messages
        ],
    )


def _plain(warning: EarlyWarning, actor: Actor, today: dt.date) -> dict[str, Any]:
    rule = warning_rules()[warning.rule_code]
    steps = [step for step in possible_steps(warning, actor) if PERMISSIONS.grants[STEPS[step]].allows(actor)]
    return {
        "id": warning.id,
        "exam": warning.exam_code,
        "school_year": warning.school_year,
        "rule": warning.rule_code,
        "name": dict(rule.name),
        "county_code": warning.county_code,
        "school_code": warning.school_code,
        "school_name_zh": warning.school_name_zh,
        "subject": warning.subject or None,
        "detail": warning.detail or None,
        "severity": warning.severity,
        "action": warning.action,
        "state": warning.state,
        "state_reason": warning.state_reason,
        "owner": warning.owner_level,
        "due_on": warning.due_on,
        "unverified_years": list(unverified_years(warning.raised_at.date(), warning.due_on)),
        "is_overdue": warning.state in AWAITING and warning.due_on < today,
        "outcome": warning.outcome,
        "raised_at": warning.raised_at,
        "acknowledged_at": warning.acknowledged_at,
        "responded_at": warning.responded_at,
        "escalated_at": warning.escalated_at,
        "closed_at": warning.closed_at,
        "actions": steps,
        "version": warning.version,
    }


def evidence_out(warning: EarlyWarning, root: str) -> EvidenceOut:
    """The stored evidence in the form of every published statistic."""
    stored: Mapping[str, Any] = warning.evidence
    figure = stored.get("figure")
    return EvidenceOut(
        exam=stored["exam"],
        version=stored["version"],
        table=stored["table"],
        measures=stored["measures"],
        criterion=stored["criterion"],
        is_weaker=stored.get("is_weaker", False),
        figure=_figure(figure) if figure else None,
        series=[_figure(each) for each in stored.get("series") or ()],
        due_on=stored.get("due_on"),
        received_on=stored.get("received_on"),
        links=_links(warning, root),
    )


def counts_out(by: str, rows: Sequence[Mapping[str, Any]]) -> WarningCountsOut:
    """Rows of counts by key and state, one entry a key."""
    items: dict[str, WarningCount] = {}
    for row in rows:
        entry = items.setdefault(row["key"], WarningCount(key=row["key"], total=0, overdue=0, states={}))
        entry.states[row["state"]] = row["count"]
        entry.total += row["count"]
        entry.overdue += row["overdue"]
    return WarningCountsOut(by=by, items=list(items.values()))


def _figure(stored: Mapping[str, Any]) -> FigureOut:
    interval = stored["ci_low"], stored["ci_high"]
    return FigureOut(
        label=stored.get("label"),
        value=stored["value"],
        n=stored["n"],
        se=stored["se"],
        ci=None if None in interval else interval,
        reference=stored["reference"],
    )


def _links(warning: EarlyWarning, root: str) -> dict[str, str]:
    """Where the figures can be read."""
    exam = f"{root}/exams/{warning.exam_code}"
    links = {"exam": exam}
    table, version = warning.evidence["table"], warning.evidence["version"]
    if version and table in _ADDRESSED:
        asked = {"version": version, "county_code": warning.county_code, "school_code": warning.school_code}
        if table == "value_added_schools" and warning.detail:
            asked["model"] = warning.detail
        links["figures"] = f"{exam}/results/{table.replace('_', '-')}?{urlencode(asked)}"
    return links
