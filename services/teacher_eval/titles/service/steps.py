"""Nominating people, and leading each to the rung, through its term and off it again."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ladders.criteria import ConductClean, checks
from services.teacher_eval.ladders.schemas import Rung
from services.teacher_eval.staff_register.repository import staff_by_key
from services.teacher_eval.titles import repository
from services.teacher_eval.titles.facts import facts_of
from services.teacher_eval.titles.rules import (
    LIFE,
    STEPS,
    EndReason,
    RoundState,
    TitleState,
    require_renewable,
    require_reviewable,
    seats_left,
    term_ends_on,
)
from services.teacher_eval.titles.schemas import FollowUpIn, NominationIn, StatedIn, StepIn, figures_of
from services.teacher_eval.titles.service.moving import kept, move, say
from services.teacher_eval.titles.service.rounds import past_or_today
from services.teacher_eval.titles.tables import Title, TitleFollowUp, TitleRound
from shared.kernel import clock
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def nominate(session: AsyncSession, *, of: TitleRound, staff_key: str, body: NominationIn, actor: Actor) -> Title:
    """Nominates a member of the school's staff; criteria are looked at at once.

    Raises:
        DomainError: ``resource.not_found`` for somebody who is not of the school; ``title.not_active``;
            ``title_round.over``; ``title.known``; ``title.standing``; ``title.stage_unclear``.
    """
    _require_nominating(of)
    person = await staff_by_key(session, actor, staff_key)
    if not person.is_active:
        raise DomainError("title.not_active")
    if await repository.in_round(session, actor, of, staff_key):
        raise DomainError("title.known", params={"round": of.code})
    if await repository.standing_title(session, actor, staff_key, of.ladder, of.rung) is not None:
        raise DomainError("title.standing", params={"rung": of.rung})
    row = Title(round_id=of.id, ladder=of.ladder, rung=of.rung, staff_key=staff_key, org_path=person.org_path)
    row.school_code, row.county_code, row.is_rural = person.school_code, person.county_code, person.is_rural
    row.stages, row.subject = _stage(person.stages, body.stage), body.subject
    row.nominated_on, row.waivers, row.state = clock.today(), {}, TitleState.NOMINATED
    row.stated = _stated(body.stated)
    await look(session, of, row, actor)
    await kept(session, of, row, "nominate", actor)
    await say(session, row, "nominate", body=body.text, actor=actor)
    return row


async def look(session: AsyncSession, of: TitleRound, row: Title, actor: Actor) -> None:
    """Holds the criteria against what is known today."""
    rung = Rung.model_validate(of.rung_content)
    facts = (await facts_of(session, actor, {row.staff_key}, ladder=of.ladder))[row.staff_key]
    facts = replace(facts, stated={code: Decimal(entry["value"]) for code, entry in row.stated.items()})
    row.checks = [asdict(check) for check in checks(rung.criteria, facts, clock.today())]


async def take_step(
    session: AsyncSession, *, of: TitleRound, row: Title, step: str, body: StepIn, actor: Actor
) -> Title:
    """Takes one step of a person's way.

    Raises:
        DomainError: ``workflow.not_allowed``; what the step itself refuses.
    """
    LIFE.target(step, TitleState(row.state))
    if STEPS[step] == "titles.decide" and not actor.covers(of.org_path):
        raise DomainError("title.other_office", params={"office": code_of(of.org_path)})
    if step == "nominate_again":
        await _nominated_again(session, of, row, body, actor)
    elif step == "review":
        await _reviewed(session, of, row, body, actor)
    elif step == "renew":
        await _renewed(session, of, row, body, actor)
    elif step == "end":
        _end(row, EndReason(body.end_reason or _reason_missing()), past_or_today(body.on))
    await move(session, of, row, step, body=body.text, document=body.document, actor=actor)
    return row


async def _nominated_again(session: AsyncSession, of: TitleRound, row: Title, body: StepIn, actor: Actor) -> None:
    _require_nominating(of)
    if body.stated is not None:
        row.stated = _stated(body.stated)
    row.waivers, row.nominated_on = {}, clock.today()
    await look(session, of, row, actor)


async def _reviewed(session: AsyncSession, of: TitleRound, row: Title, body: StepIn, actor: Actor) -> None:
    """A review looks anew; what is let pass stays with its reason."""
    if of.state != RoundState.OPEN:
        raise DomainError("title_round.over", params={"state": of.state})
    left = seats_left(of.content["seats"], row.county_code, await _taken(session, of, row, actor))
    if left is not None and left <= 0:
        raise DomainError("title.no_seats", params={"county": row.county_code})
    await look(session, of, row, actor)
    waivers = {code: waiver.model_dump(mode="json") for code, waiver in body.waivers.items()}
    require_reviewable(row.checks, waivers, _conduct_codes(of))
    row.waivers = waivers


async def _taken(session: AsyncSession, of: TitleRound, row: Title, actor: Actor) -> int:
    return await repository.brought_forward(session, actor, of, row.county_code)


async def _renewed(session: AsyncSession, of: TitleRound, row: Title, body: StepIn, actor: Actor) -> None:
    """A new term from the day after the last; the gate of conduct is looked at again."""
    if not body.document:
        raise DomainError("title.document_missing")
    if row.term_ends_on is None or row.term_begins_on is None:
        raise DomainError("title.no_term")
    found = await repository.follow_ups_of(session, actor, row)
    require_renewable([(each.evaluated_on, each.verdict) for each in found], row.term_begins_on)
    await look(session, of, row, actor)
    gate = [check for check in row.checks if check["code"] in _conduct_codes(of) and check["status"] == "not_met"]
    if gate:
        raise DomainError("title.conduct_not_waived", params={"criteria": ", ".join(each["code"] for each in gate)})
    begins = row.term_ends_on + dt.timedelta(days=1)
    row.term_begins_on, row.document = begins, body.document
    row.term_ends_on = term_ends_on(begins, of.rung_content["term_years"])


async def follow_up(session: AsyncSession, *, of: TitleRound, row: Title, body: FollowUpIn, actor: Actor) -> Title:
    """Records a follow-up evaluation of a holder.

    Raises:
        DomainError: ``title.not_held``; ``title.later``; ``title.evaluated_already``.
    """
    day = past_or_today(body.evaluated_on)
    if row.state != TitleState.RECOGNIZED or row.recognized_on is None or day < row.recognized_on:
        raise DomainError("title.not_held", params={"day": day.isoformat()})
    if any(each.evaluated_on == day for each in await repository.follow_ups_of(session, actor, row)):
        raise DomainError("title.evaluated_already", params={"day": day.isoformat()})
    found = TitleFollowUp(title_id=row.id, org_path=row.org_path, evaluated_on=day, verdict=body.verdict.value)
    found.figures, found.body, found.author_org, found.at = figures_of(body), body.text, actor.org, clock.now()
    session.add(found)
    await kept(session, of, row, "followed_up", actor)
    return row


def _end(row: Title, reason: EndReason, day: dt.date) -> None:
    row.ended_on, row.end_reason = day, reason


def _reason_missing() -> str:
    raise DomainError("title.end_reason_missing")


def _require_nominating(of: TitleRound) -> None:
    if of.state != RoundState.OPEN or clock.today() > of.nominations_end_on:
        raise DomainError("title_round.over", params={"state": of.state})


def _stated(body: dict[str, StatedIn]) -> dict[str, dict[str, str]]:
    return {code: {"value": str(entry.value), "document": entry.document} for code, entry in body.items()}


def _stage(stages: str, chosen: str | None) -> str:
    known = stages.split("+")
    if chosen is None and len(known) == 1:
        return known[0]
    if chosen is None or chosen not in known:
        raise DomainError("title.stage_unclear", params={"stages": ", ".join(known)})
    return chosen


def _conduct_codes(of: TitleRound) -> list[str]:
    rung = Rung.model_validate(of.rung_content)
    return [criterion.code for criterion in rung.criteria if isinstance(criterion, ConductClean)]
