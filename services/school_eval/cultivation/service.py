"""Keeping programs, and leading schools through them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.cultivation import repository
from services.school_eval.cultivation.rules import (
    LIFE,
    CandidateState,
    require_recognizable,
)
from services.school_eval.cultivation.schemas import AssessmentIn, NominationIn, ProgramIn, StepIn
from services.school_eval.cultivation.tables import Candidate, CandidateEntry, CultivationProgram
from shared.kernel import clock
from shared.kernel.records import keep
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import school_path

_OVER = frozenset({CandidateState.RECOGNIZED, CandidateState.WITHDRAWN, CandidateState.REVOKED})


async def put_program(
    session: AsyncSession, *, code: str, body: ProgramIn, row: CultivationProgram | None, actor: Actor
) -> tuple[CultivationProgram, bool]:
    """Writes a program of the actor's office; returns it and whether it is new."""
    is_new = row is None
    if row is None:
        row = CultivationProgram(code=code, org_path=actor.org)
    row.content = body.model_dump(mode="json")
    await keep(
        session,
        row,
        resource="cultivation_programs",
        action="cultivation_program.set",
        key={"program": code},
        actor=actor,
    )
    return row, is_new


async def nominate(
    session: AsyncSession, *, program: CultivationProgram, county: str, school: str, body: NominationIn, actor: Actor
) -> Candidate:
    """Nominates a school.

    Raises:
        DomainError: ``cultivation.elsewhere`` for a school that is not the actor's; ``cultivation.known`` for one that is in
            the program already.
    """
    path = school_path(county, school)
    if not actor.covers(path):
        raise DomainError("cultivation.elsewhere")
    if await repository.is_candidate(session, actor, program, school):
        raise DomainError("cultivation.known", params={"school": school})
    row = Candidate(program_id=program.id, school_code=school, county_code=county, org_path=path, assessments={})
    row.school_name_zh, row.state, row.nominated_on = body.school_name_zh, CandidateState.NOMINATED, clock.today()
    await _kept(session, program, row, "nominated", actor)
    await _say(session, row, actor, action="nominate", body=body.text)
    return row


async def assess(
    session: AsyncSession,
    *,
    program: CultivationProgram,
    row: Candidate,
    criterion: str,
    body: AssessmentIn,
    actor: Actor,
) -> Candidate:
    """Records how a criterion stands; the word before it stays in the thread.

    Raises:
        DomainError: ``cultivation.criterion_unknown``; ``cultivation.over`` after recognition or withdrawal.
    """
    if criterion not in {each["code"] for each in program.content["criteria"]}:
        raise DomainError("cultivation.criterion_unknown", params={"criterion": criterion})
    if row.state in _OVER:
        raise DomainError("cultivation.over", params={"state": row.state})
    word = {"verdict": body.verdict.value, "note": body.text, "assessed_on": clock.today().isoformat()}
    row.assessments = {**row.assessments, criterion: word | {"assessed_at_level": actor.level.value}}
    await _say(session, row, actor, action="assess", body=body.text, criterion=criterion, verdict=body.verdict)
    await _kept(session, program, row, "assessed", actor)
    return row


async def take_step(
    session: AsyncSession, *, program: CultivationProgram, row: Candidate, step: str, body: StepIn, actor: Actor
) -> Candidate:
    """Takes one step of a school's way.

    Raises:
        DomainError: ``workflow.not_allowed``, ``cultivation.criteria_open``,
            ``cultivation.document_missing``, ``cultivation.later``.
    """
    target = LIFE.target(step, CandidateState(row.state))
    day = body.on or clock.today()
    if day > clock.today():
        raise DomainError("cultivation.later", params={"today": clock.today().isoformat()})
    if target is CandidateState.RECOGNIZED:
        require_recognizable(program.content["criteria"], row.assessments, body.document)
        row.recognized_on, row.recognized_until, row.document = day, None, body.document
    elif target is CandidateState.REVOKED:
        row.recognized_until = day
    elif target is CandidateState.NOMINATED:
        row.nominated_on, row.assessments = clock.today(), {}
    row.state = target
    await _say(session, row, actor, action=step, body=body.text)
    await _kept(session, program, row, target, actor)
    return row


async def _say(
    session: AsyncSession,
    row: Candidate,
    actor: Actor,
    *,
    action: str,
    body: str,
    criterion: str | None = None,
    verdict: str | None = None,
) -> None:
    entry = CandidateEntry(candidate_id=row.id, org_path=row.org_path, action=action, body=body, at=clock.now())
    entry.criterion, entry.verdict, entry.author_org = criterion, verdict, actor.org
    session.add(entry)
    await session.flush()


async def _kept(session: AsyncSession, program: CultivationProgram, row: Candidate, what: str, actor: Actor) -> None:
    key = {"program": program.code, "school": row.school_code}
    await keep(session, row, resource="cultivation_candidates", action=f"candidate.{what}", key=key, actor=actor)
