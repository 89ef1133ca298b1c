"""Audits and findings as callers read them and answer them."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.archive_audits.rules import FINDING_LIFE, STEPS, FindingState
from services.student_eval.archive_audits.tables import ArchiveAudit, ArchiveFinding
from shared.kernel.web.fields import Strict
from shared.kernel.web.organizations import code_of
from shared.kits.fields import Reason
from shared.policy.record_forensics import FindingWords, Severity, forensics_policy

Term = Annotated[str, StringConstraints(pattern=r"^20\d\d-20\d\d-[12]$")]


class ReferIn(Strict):
    """Records of a finding that somebody holds to be false, and why."""

    records: list[uuid.UUID] = Field(min_length=1, max_length=50)
    reason: Reason


class KindOut(BaseModel):
    """A kind of finding: what is asked, and how many there are by state."""

    kind: str
    severity: Severity
    name: dict[str, str]
    question: dict[str, str]
    states: dict[str, int]


class AuditOut(BaseModel):
    """The newest audit of a school's term. Findings are questions; nothing follows from them by itself."""

    organization: str
    term: str
    number: int
    made_at: dt.datetime
    student_count: int
    record_count: int
    file_count: int
    parameters: dict[str, Any]
    parameters_verified: bool
    kinds: list[KindOut]


class FindingOut(BaseModel):
    """A question about records, with what it rests on."""

    id: uuid.UUID
    kind: str
    severity: Severity
    name: dict[str, str]
    question: dict[str, str]
    records: list[uuid.UUID]
    students: list[str]
    figures: dict[str, Any]
    state: FindingState
    steps: list[str]
    reason: str | None
    decided_at: dt.datetime | None
    opened: list[dict[str, str]]
    first_audit: int
    last_audit: int
    version: int


def audit_out(row: ArchiveAudit, states: dict[str, dict[str, int]]) -> AuditOut:
    """An audit with what became of its findings."""
    policy = forensics_policy()
    plain = {name: getattr(row, name) for name in ("term", "number", "made_at")}
    counts = {name: getattr(row, name) for name in ("student_count", "record_count", "file_count")}
    kinds = [
        KindOut(kind=kind, severity=words.severity, **_said(words), states=states[kind])
        for kind, words in policy.findings.items()
        if kind in states
    ]
    return AuditOut(
        organization=code_of(row.org_path),
        parameters=row.parameters,
        parameters_verified=policy.verified,
        kinds=kinds,
        **plain,
        **counts,
    )


def finding_out(row: ArchiveFinding) -> FindingOut:
    """A finding."""
    names = ("id", "kind", "records", "students", "figures", "state", "reason", "decided_at", "opened")
    more = ("first_audit", "last_audit", "version")
    return FindingOut(
        severity=Severity(row.severity),
        **_said(forensics_policy().findings[row.kind]),
        steps=[step for step in FINDING_LIFE.actions(FindingState(row.state)) if step in STEPS],
        **{name: getattr(row, name) for name in names + more},
    )


def _said(words: FindingWords) -> dict[str, Any]:
    return {"name": dict(words.name), "question": dict(words.question)}
