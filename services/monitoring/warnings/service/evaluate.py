"""Holding an exam against the rules and putting what is found in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.warning_rules.service import parameters_in_force
from services.monitoring.warnings import repository
from services.monitoring.warnings.evaluation import MISSING_SHEET, Finding, missing_sheets, reckon
from services.monitoring.warnings.rules import LIFE, WarningState, due_on
from services.monitoring.warnings.tables import EarlyWarning, WarningMessage
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.ids import new_id
from shared.policy.warnings import DAYS_TO_RESPOND, warning_rules
from shared.terms.actor import Actor
from shared.terms.organization import school_path


async def evaluate_sheets(session: AsyncSession, *, exam: Exam, actor: Actor) -> dict[str, int]:
    """Warns schools whose sheet is missing or came late; once it is accepted in time, or the day moved, withdraws."""
    rule = warning_rules()[MISSING_SHEET]
    if not rule.applies_to(kind=exam.kind, held_on=exam.held_on):
        return {}
    parameters = await parameters_in_force(session, actor, area=exam.org_path, day=exam.held_on)
    schools = await repository.participants_of(session, actor, exam.id)
    receipts = await repository.first_receipts(session, actor, exam.id)
    findings = missing_sheets(
        held_on=exam.held_on,
        received_on={
            row.school_code: day_of(receipts[row.school_code]) if row.school_code in receipts else None
            for row in schools
        },
        today=day_of(clock.now()),
        parameters=parameters[MISSING_SHEET],
    )
    return await put_in_force(
        session, exam=exam, actor=actor, findings=findings, rule_codes=[MISSING_SHEET], schools=schools, version=None
    )


async def put_in_force(
    session: AsyncSession,
    *,
    exam: Exam,
    actor: Actor,
    findings: Sequence[Finding],
    rule_codes: Collection[str],
    schools: Sequence[Participant],
    version: str | None,
) -> dict[str, int]:
    """Raises what is new, withdraws what no longer holds, and keeps the rest; the same findings again change nothing.

    Args:
        session: the transaction.
        exam: whose warnings they are.
        actor: who evaluates.
        findings: of all rules that were applied.
        rule_codes: rules that were applied: their other warnings are withdrawn.
        schools: participants, to name them.
        version: version of the results the findings rest on; ``None`` where they rest on none.

    Returns:
        How many were raised, raised again, changed, withdrawn.
    """
    standing = await repository.warnings_of_exam(session, actor, exam.id, rule_codes)
    named = {row.school_code: row for row in schools}
    done = reckon([finding for finding in findings if finding.school_code in named], standing)
    board = _Board(session, exam=exam, version=version)
    for finding in done.raised:
        board.raise_new(finding, named[finding.school_code])
    for warning, finding in done.raised_again:
        board.raise_again(warning, finding)
    for warning, finding in done.changed:
        board.change(warning, finding)
    for warning in done.kept:
        board.keep(warning)
    for warning in done.withdrawn:
        board.withdraw(warning)
    counts = {
        "raised": len(done.raised),
        "raised_again": len(done.raised_again),
        "changed": len(done.changed),
        "withdrawn": len(done.withdrawn),
    }
    if any(counts.values()):
        await session.flush()
        await record_changes(session, "warnings", Operation.UPSERTED, board.touched)
        session.add_all(board.messages)
        await session.flush()
        note(session, actor, "warnings.evaluated", exam.code, {"version": version, **counts})
    return counts


class _Board:
    """The warnings of one exam while they are brought up to date, and what is said about each change."""

    def __init__(self, session: AsyncSession, *, exam: Exam, version: str | None) -> None:
        self._session = session
        self._exam = exam
        self._version = version
        self._at = clock.now()
        self.messages: list[WarningMessage] = []
        self.touched: list[tuple[str, dict[str, Any]]] = []

    def raise_new(self, finding: Finding, school: Participant) -> None:
        warning = EarlyWarning(
            id=new_id(),
            exam_id=self._exam.id,
            exam_code=self._exam.code,
            school_year=self._exam.school_year,
            rule_code=finding.rule.code,
            county_code=school.county_code,
            school_code=school.school_code,
            school_name_zh=school.name_zh,
            org_path=school_path(school.county_code, school.school_code),
            subject=finding.subject,
            detail=finding.detail,
            version=0,
        )
        self._session.add(warning)
        self._raise(warning, finding, "raised")

    def raise_again(self, warning: EarlyWarning, finding: Finding) -> None:
        LIFE.target("raise_again", WarningState(warning.state))
        self._raise(warning, finding, "raised_again")

    def change(self, warning: EarlyWarning, finding: Finding) -> None:
        self._take(warning, finding)
        self._say(warning, "figures_changed", f"依据已更新{self._source_zh} / the figures changed{self._source_en}")

    def keep(self, warning: EarlyWarning) -> None:
        """The same figures, which now stand in a newer version."""
        if warning.evidence["version"] != self._version:
            warning.evidence = {**warning.evidence, "version": self._version}
            warning.version += 1

    def withdraw(self, warning: EarlyWarning) -> None:
        warning.state = LIFE.target("withdraw", WarningState(warning.state))
        gone = self._version is None and warning.rule_code != MISSING_SHEET
        reason = (
            "所依据的结果已撤回 / the results it rested on were withdrawn"
            if gone
            else f"更正后不再成立{self._source_zh} / no longer holds after a correction{self._source_en}"
        )
        warning.state_reason = reason
        self._say(warning, "withdrawn", reason)

    def _raise(self, warning: EarlyWarning, finding: Finding, kind: str) -> None:
        rule = finding.rule
        warning.state, warning.state_reason = WarningState.RAISED, None
        warning.action, warning.owner_level = rule.action, rule.owner
        warning.raised_at = self._at
        warning.due_on = due_on(day_of(self._at), working_days=int(finding.evidence["criterion"][DAYS_TO_RESPOND]))
        warning.acknowledged_at = warning.responded_at = warning.escalated_at = None
        warning.responded_by = warning.responded_level = None
        self._take(warning, finding)
        self._say(warning, kind, f"{rule.name['zh']}{self._source_zh} / {rule.name['en']}{self._source_en}")

    def _take(self, warning: EarlyWarning, finding: Finding) -> None:
        warning.severity = finding.severity
        warning.evidence = {**finding.evidence, "exam": self._exam.code, "version": self._version}

    def _say(self, warning: EarlyWarning, kind: str, body: str) -> None:
        warning.version += 1
        message = {"warning_id": warning.id, "org_path": warning.org_path, "kind": kind, "body": body}
        self.messages.append(WarningMessage(id=new_id(), author_org="", at=self._at, **message))
        self.touched.append((warning.org_path, {"warning": str(warning.id)}))

    @property
    def _source_zh(self) -> str:
        return f"（结果版本 {self._version}）" if self._version else ""

    @property
    def _source_en(self) -> str:
        return f" (results {self._version})" if self._version else ""


def day_of(moment: dt.datetime) -> dt.date:
    """The day of a moment in China."""
    return moment.astimezone(clock.CHINA).date()
