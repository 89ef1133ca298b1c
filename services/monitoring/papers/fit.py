"""Papers held against the definition of a draft that is being changed."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.papers import repository
from services.monitoring.papers.rules import findings
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


async def require_papers_fit(session: AsyncSession, exam: Exam, actor: Actor) -> None:
    """Refuses a definition in which a registered paper has no place: its subject gone, or with another full mark or step.

    Raises:
        DomainError: ``exam.papers_do_not_fit`` with each of them.
    """
    subjects = {subject["code"]: subject for subject in exam.definition["subjects"]}
    faults = []
    for paper in await repository.all_papers(session, actor, exam):
        subject = subjects.get(paper.subject)
        found = [] if subject is None else list(findings(paper.content, subject))
        if subject is None:
            faults.append(Fault("paper.subject_gone", pointer="/subjects", params={"subject": paper.subject}))
        faults += [
            Fault(finding.code, pointer="/subjects", value=paper.subject, params=finding.params) for finding in found
        ]
    if faults:
        raise DomainError("exam.papers_do_not_fit", faults=faults)
