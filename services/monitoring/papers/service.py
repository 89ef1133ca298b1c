"""Writing papers, showing them, and correcting a key that was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import exam_by_code, exam_for_update
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.service import move_exam
from services.monitoring.exams.tables import Exam
from services.monitoring.item_sheets import repository as item_sheets
from services.monitoring.papers import repository, rules
from services.monitoring.papers.schemas import CorrectKeyIn, PaperIn
from services.monitoring.papers.tables import Paper
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.policy.papers import PaperDisclosure, paper_disclosure
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


def subject_of(exam: Exam, code: str) -> Mapping[str, Any]:
    """A subject in the exam's definition, or ``resource.not_found``."""
    for subject in exam.definition["subjects"]:
        if subject["code"] == code:
            found: Mapping[str, Any] = subject
            return found
    raise DomainError("resource.not_found", params={"what": f"subject {code}"})


def disclosure(exam: Exam, actor: Actor) -> PaperDisclosure:
    """Whether a caller is shown the exam's papers now."""
    return paper_disclosure(
        actor,
        holder=exam.org_path,
        held_on=exam.held_on,
        is_collecting=exam.state != ExamState.DRAFT,
        today=clock.today(),
    )


def require_shown(exam: Exam, actor: Actor) -> None:
    """Refuses callers the papers are still kept from; raises ``paper.not_open``."""
    decided = disclosure(exam, actor)
    if not decided.is_shown:
        rule = f"{decided.rule.id} {decided.rule.title['zh']}"
        raise DomainError("paper.not_open", params={"opens_on": decided.opens_on.isoformat(), "rule": rule})


async def exam_to_write(session: AsyncSession, actor: Actor, code: str, subject: str) -> Exam:
    """The exam, locked, for whoever holds it or stands above; raises ``auth.forbidden``, ``resource.not_found``."""
    exam = await exam_by_code(session, actor, code)
    subject_of(exam, subject)
    if not actor.covers(exam.org_path):
        raise DomainError("auth.forbidden", params={"action": "papers.write"})
    return await exam_for_update(session, actor, code)


def paper_content(body: PaperIn, subject: Mapping[str, Any]) -> dict[str, Any]:
    """The paper that a body describes.

    Raises:
        DomainError: ``paper.faulty`` with every fault and where it stands in the body.
    """
    content = body.model_dump(mode="json")
    for item in content["items"]:
        item["step"] = item["step"] or subject["step"]
    faults = [
        Fault(
            finding.code,
            pointer="/items" if finding.position is None else f"/items/{finding.position}/{finding.about}",
            source_id=None if finding.position is None else content["items"][finding.position]["code"],
            params=finding.params,
        )
        for finding in rules.findings(content, subject)
    ]
    if faults:
        raise DomainError("paper.faulty", faults=faults)
    return content


async def put_paper(
    session: AsyncSession, *, exam: Exam, subject: str, content: dict[str, Any], actor: Actor
) -> tuple[Paper, bool]:
    """Writes a paper; the same content again changes nothing.

    Args:
        session: the transaction.
        exam: the exam, locked.
        subject: code of the subject.
        content: the paper, without faults.
        actor: who writes.

    Returns:
        The paper, and whether it is new.

    Raises:
        DomainError: ``paper.not_editable``, ``paper.has_item_sheets``.
    """
    paper = await repository.find_paper(session, actor, exam, subject)
    if paper is not None and paper.content == content:
        return paper, False
    await _require_editable(session, exam, subject)
    is_new = paper is None
    if paper is None:
        paper = Paper(exam_id=exam.id, subject=subject, org_path=exam.org_path, version=0, corrections=[])
    paper.content, paper.version = content, paper.version + 1
    rules.item_plan(subject, content, min_n=exam.definition["min_n"])  # what cannot be analyzed is refused now
    session.add(paper)
    await session.flush()
    detail = {"subject": subject, "items": len(content["items"]), "version": paper.version}
    note(session, actor, "paper.registered" if is_new else "paper.changed", exam.code, detail)
    await _record(session, exam, subject)
    return paper, is_new


async def remove_paper(session: AsyncSession, *, exam: Exam, subject: str, actor: Actor) -> None:
    """Removes a paper that no item sheet rests on.

    Raises:
        DomainError: ``resource.not_found``, ``paper.not_editable``, ``paper.has_item_sheets``.
    """
    paper = await repository.paper_of(session, actor, exam, subject)
    await _require_editable(session, exam, subject)
    await session.delete(paper)
    await session.flush()
    note(session, actor, "paper.removed", exam.code, {"subject": subject, "version": paper.version})
    await _record(session, exam, subject, Operation.DELETED)


async def _require_editable(session: AsyncSession, exam: Exam, subject: str) -> None:
    if exam.state not in rules.EDITABLE:
        raise DomainError("paper.not_editable", params={"state": exam.state})
    received = await item_sheets.count_sheets(session, exam, subject)
    if received:
        raise DomainError("paper.has_item_sheets", params={"schools": received})


async def correct_key(session: AsyncSession, *, exam: Exam, subject: str, body: CorrectKeyIn, actor: Actor) -> Paper:
    """Replaces a key that was wrong; figures of the subject's items follow from the new one from the next analysis on.

    Where marks follow from options, every school's marks of the item change with the key, and the item sheets have to be
    held against the mark sheets anew. An exam that was published waits for its analysis again; what is published stands
    until a newer version. The same key again changes nothing.

    Args:
        session: the transaction.
        exam: the exam, locked.
        subject: code of the subject.
        body: item, key and reason.
        actor: who corrects.

    Raises:
        DomainError: ``resource.not_found``; ``paper.faulty`` when the item has no options or the key is none of them;
            ``workflow.not_allowed`` for an archived exam.
    """
    paper = await repository.paper_of(session, actor, exam, subject)
    item = next((entry for entry in paper.content["items"] if entry["code"] == body.item), None)
    if item is None:
        raise DomainError("resource.not_found", params={"what": f"item {body.item}"})
    if item["key"] == body.key:
        return paper
    content = rules.with_key(paper.content, body.item, body.key)
    found = [finding.code for finding in rules.findings(content, subject_of(exam, subject))]
    if found:
        params = {"options": ", ".join(item["options"])}
        raise DomainError("paper.faulty", faults=[Fault(code, pointer="/key", params=params) for code in found])
    entry = {
        "item": body.item,
        "old_key": item["key"],
        "new_key": body.key,
        "reason": body.reason,
        "corrected_at": clock.now().isoformat(),
    }
    paper.content, paper.version = content, paper.version + 1
    paper.corrections = [*paper.corrections, entry]
    if exam.state in rules.COMPUTED and await item_sheets.count_sheets(session, exam, subject):
        await move_exam(session, exam, "correct_key", actor=actor, reason=body.reason)
    if content["marks_from_options"]:
        await item_sheets.forget_agreement(session, exam, subject)
    await session.flush()
    note(session, actor, "paper.key_corrected", exam.code, {"subject": subject, **entry})
    await _record(session, exam, subject)
    return paper


async def _record(session: AsyncSession, exam: Exam, subject: str, operation: Operation = Operation.UPSERTED) -> None:
    await record_changes(session, "papers", operation, [(exam.org_path, {"exam": exam.code, "subject": subject})])
