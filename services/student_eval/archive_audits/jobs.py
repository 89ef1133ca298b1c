"""The audit of a school's records of a term: everything is looked at, and questions are brought up to date."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from services.student_eval.archive_audits import repository
from services.student_eval.archive_audits.rules import FINDING_LIFE, MATERIAL_SCHEMA, FindingState, looked_through
from services.student_eval.archive_audits.service import AUDIT_JOB, keep_finding
from services.student_eval.archive_audits.tables import ArchiveAudit, ArchiveFinding
from services.student_eval.archive_terms.tables import ArchiveTerm
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.web.organizations import code_of
from shared.policy.record_forensics import forensics_policy
from shared.scoring.forensics import record_findings
from shared.scoring.forensics.base import Finding, Parameters
from shared.terms.errors import DomainError


async def audit(context: JobContext) -> None:
    """Looks at every standing record of a school's term.

    Raises:
        DomainError: ``archive_audit.no_term`` where no class has this term.
    """
    org_path, term, actor = context.args["org_path"], context.args["term"], context.actor
    async with context.commit() as session:
        terms = await repository.class_terms(session, actor, org_path, term)
        files = await repository.files_of(session, actor, org_path)
    if not terms:
        raise DomainError("archive_audit.no_term", params={"term": term})
    material, broken = await gathered(context, terms, term)
    found = [*broken, *await asyncio.to_thread(_found, material, files)]
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        number = await repository.last_number(session, actor, org_path, term) + 1
        made = ArchiveAudit(
            org_path=org_path,
            term=term,
            number=number,
            student_count=material["student"].n_unique(),
            record_count=material.height,
            file_count=files.join(material, on="record", how="semi").height,
            counts=dict(sorted(Counter(finding.kind.value for finding in found).items())),
            parameters=dict(forensics_policy().parameters),
            asked_by=actor.subject,
            made_at=clock.now(),
        )
        session.add(made)
        known = {row.fingerprint: row for row in await session.scalars(repository.findings_of(actor, org_path, term))}
        await _store(session, context, made, known, found)
        result |= {"number": number, "records": material.height, "findings": len(found)}
        note(session, actor, "archive_audit.made", f"{code_of(org_path)}/{term}", dict(result))


async def gathered(context: JobContext, terms: Sequence[ArchiveTerm], term: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Records of classes in a term, and chains that do not hold; one class is read at a time."""
    parts, broken = [pl.DataFrame(schema=MATERIAL_SCHEMA)], []
    for place, row in enumerate(terms):
        await context.progress(place, len(terms), "reading records")
        async with context.commit() as session:
            keys = [member["student_key"] for member in row.members]
            entries = await repository.chains_of(session, context.actor, keys)
        part, faults = await asyncio.to_thread(looked_through, entries, row.class_code, term)
        parts.append(part)
        broken += faults
    return pl.concat(parts).unique("record", keep="first", maintain_order=True), broken


def _found(material: pl.DataFrame, files: pl.DataFrame) -> list[Finding]:
    parameters = Parameters(**forensics_policy().parameters)
    return record_findings(material.drop("is_chosen"), files, parameters)


async def _store(
    session: Any, context: JobContext, made: ArchiveAudit, known: dict[str, ArchiveFinding], found: Sequence[Finding]
) -> None:
    """New questions are asked, those that were asked already stay as they are answered, what holds no more lapses."""
    words = forensics_policy().findings
    for finding in found:
        row = known.pop(finding.fingerprint, None)
        action = "found"
        if row is None:
            row = ArchiveFinding(
                org_path=made.org_path,
                term=made.term,
                kind=finding.kind.value,
                severity=words[finding.kind].severity,
                fingerprint=finding.fingerprint,
                records=list(finding.records),
                students=list(finding.students),
                state=FindingState.OPEN,
                first_audit=made.number,
                opened=[],
                version=0,
            )
        elif row.state == FindingState.LAPSED:
            action, row.state = "returned", FINDING_LIFE.target("return", FindingState.LAPSED)
        elif row.last_audit == made.number - 1 and row.figures == finding.figures:
            row.last_audit = made.number
            continue
        row.figures, row.last_audit = dict(finding.figures), made.number
        await keep_finding(session, row, action, context.actor)
    for row in known.values():
        if row.state == FindingState.OPEN:
            row.state = FINDING_LIFE.target("lapse", FindingState.OPEN)
            await keep_finding(session, row, "lapsed", context.actor)


AUDIT_ARCHIVES = JobKind(AUDIT_JOB, audit)
