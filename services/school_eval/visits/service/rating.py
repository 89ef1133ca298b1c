"""Rating on a visit: partial saves from phones, independence of raters, submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists.rules import ChecklistItem
from services.school_eval.visit_plans.rules import school_year_of, semester_of
from services.school_eval.visits import repository, rules
from services.school_eval.visits.rules import BEFORE, LIFE, SHOWN, VisitState
from services.school_eval.visits.schemas import (
    KeyedRatingIn,
    RaterRatings,
    RatingOutcome,
    VisitRatingsOut,
    rating_out,
)
from services.school_eval.visits.service.items import items_of_visit
from services.school_eval.visits.service.planning import kept, plan_of, require_in_period, reveal
from services.school_eval.visits.tables import Visit, VisitRater, VisitRating
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.calendar import WorkingCalendar
from shared.workflow.clocks import deadline_rules


async def start(session: AsyncSession, *, row: Visit, actor: Actor) -> Visit:
    """Begins a visit on the spot; from now on the school can read that it takes place.

    Raises:
        DomainError: ``workflow.not_allowed``, ``visit.not_sent``, ``visit.raters_missing``, ``visit.outside_period``.
    """
    target = LIFE.target("start", VisitState(row.state))
    await _own_rater(session, row, actor)
    there = [rater for rater in await repository.raters_of(session, actor, row) if rater.recused_at is None]
    needed = 2 if row.is_double_rated else 1
    if len(there) < needed:
        raise DomainError("visit.raters_missing", params={"needed": needed, "sent": len(there)})
    row.started_on = row.planned_on = clock.today()
    row.school_year, row.semester = school_year_of(row.started_on), semester_of(row.started_on)
    await require_in_period(session, row, actor)
    row.state = target
    reveal(row)
    await kept(session, row, "started", actor, {"raters": len(there)})
    return row


async def recuse(session: AsyncSession, *, row: Visit, reason: str, actor: Actor) -> Visit:
    """A rater steps aside before the visit begins, because they are too near to the school.

    Raises:
        DomainError: ``visit.begun``, ``visit.not_sent``.
    """
    if row.state not in BEFORE:
        raise DomainError("visit.begun", params={"state": row.state})
    rater = await _own_rater(session, row, actor)
    rater.recused_at, rater.recused_reason = clock.now(), reason
    await kept(session, row, "rater_recused", actor)
    return row


async def record(
    session: AsyncSession, *, row: Visit, ratings: Sequence[KeyedRatingIn], actor: Actor
) -> list[RatingOutcome]:
    """Stores what a phone sends, each rating by itself: one that cannot be taken never loses the others.

    Raises:
        DomainError: ``visit.not_sent``, ``visit.not_under_way``, ``visit.submitted``, ``visit.item_twice``.
    """
    rater = await _rating_rater(session, row, actor)
    keys = [rating.item for rating in ratings]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise DomainError("visit.item_twice", params={"items": ", ".join(twice)})
    items = {item.key: item for item in await items_of_visit(session, row, actor=actor)}
    stored = await repository.ratings_for_update(session, actor, rater, keys)
    outcomes = [_recorded(session, rater, items, stored, rating) for rating in ratings]
    await session.flush()
    if count := sum(outcome.outcome == "stored" for outcome in outcomes):
        note(session, actor, "visit.ratings_saved", str(row.id), {"count": count})
    return outcomes


def _recorded(
    session: AsyncSession,
    rater: VisitRater,
    items: Mapping[str, ChecklistItem],
    stored: Mapping[str, VisitRating],
    body: KeyedRatingIn,
) -> RatingOutcome:
    known = stored.get(body.item)
    shown = rating_out(known) if known is not None else None
    if known is not None and known.change_id == body.change_id:
        return RatingOutcome(item=body.item, outcome="unchanged", problem=None, stored=shown)
    problem = _problem(items.get(body.item), body)
    if problem is not None:
        return RatingOutcome(item=body.item, outcome="refused", problem=problem, stored=shown)
    if rules.is_conflict(known, body.base_version):
        return RatingOutcome(item=body.item, outcome="conflict", problem="visit.rating_changed", stored=shown)
    row = known or VisitRating(visit_id=rater.visit_id, rater_id=rater.id, org_path=rater.org_path, version=0)
    row.item_key, row.rating, row.note = body.item, body.rating, body.note
    row.is_not_applicable, row.change_id, row.client_at = body.is_not_applicable, body.change_id, body.client_at
    row.received_at, row.version = clock.now(), row.version + 1
    session.add(row)
    return RatingOutcome(item=body.item, outcome="stored", problem=None, stored=rating_out(row))


def _problem(item: ChecklistItem | None, body: KeyedRatingIn) -> str | None:
    if item is None:
        return "visit.item_unknown"
    try:
        rules.require_rating(item, body.rating, is_not_applicable=body.is_not_applicable)
        rules.require_client_time(body.client_at, clock.now())
    except DomainError as error:
        return error.code
    return None


async def submit(session: AsyncSession, *, row: Visit, actor: Actor, calendar: WorkingCalendar) -> Visit:
    """Hands in a rater's ratings for good; with the last one the visit is rated and the school is shown the outcome.

    Raises:
        DomainError: ``visit.not_sent``, ``visit.not_under_way``, ``visit.submitted``; ``visit.ratings_incomplete`` with
            every item that is missing.
    """
    rater = await _rating_rater(session, row, actor)
    items = await items_of_visit(session, row, actor=actor)
    mine = await repository.ratings_of(session, actor, [rater])
    rules.require_complete(items, {rating.item_key: rating for rating in mine})
    rater.submitted_at = clock.now()
    await session.flush()
    raters = [each for each in await repository.raters_of(session, actor, row) if each.recused_at is None]
    if all(each.submitted_at is not None for each in raters):
        await _complete(session, row, raters, items, actor, calendar)
    await kept(session, row, row.state if row.state == VisitState.RATED else "ratings_submitted", actor)
    return row


async def _complete(
    session: AsyncSession,
    row: Visit,
    raters: Sequence[VisitRater],
    items: Sequence[ChecklistItem],
    actor: Actor,
    calendar: WorkingCalendar,
) -> None:
    ratings = await repository.ratings_of(session, actor, raters)
    by_rater = [{r.item_key: r for r in ratings if r.rater_id == rater.id} for rater in raters]
    row.state, row.rated_at = LIFE.target("complete", VisitState(row.state)), clock.now()
    row.outcome = rules.outcome_of(items, by_rater)
    row.outcome_sha256 = rules.outcome_hash(row.outcome)
    plan = await plan_of(session, row, actor)
    own = plan.design["signature_days"] if plan is not None else None
    days = own or deadline_rules()["inspections.sign"].working_days
    row.sign_due_on = calendar.add_working_days(clock.today(), days)


async def ratings_seen(session: AsyncSession, *, row: Visit, actor: Actor) -> VisitRatingsOut:
    """Ratings as far as the actor may see them: until every rater has submitted, their own and nobody else's."""
    raters = [each for each in await repository.raters_of(session, actor, row) if each.recused_at is None]
    is_complete = row.state in SHOWN
    seen = raters if is_complete else [each for each in raters if each.account == actor.subject]
    ratings = await repository.ratings_of(session, actor, seen)
    shown = [
        RaterRatings(
            account=rater.account,
            is_lead=rater.is_lead,
            submitted_at=rater.submitted_at,
            ratings=[rating_out(rating) for rating in ratings if rating.rater_id == rater.id],
        )
        for rater in seen
    ]
    return VisitRatingsOut(is_complete=is_complete, hidden_raters=len(raters) - len(seen), raters=shown)


async def _rating_rater(session: AsyncSession, row: Visit, actor: Actor) -> VisitRater:
    rater = await _own_rater(session, row, actor)
    if row.state != VisitState.UNDER_WAY:
        raise DomainError("visit.not_under_way", params={"state": row.state})
    if rater.submitted_at is not None:
        raise DomainError("visit.submitted")
    return rater


async def _own_rater(session: AsyncSession, row: Visit, actor: Actor) -> VisitRater:
    rater = await repository.rater_for_update(session, actor, row)
    if rater is None:
        raise DomainError("visit.not_sent")
    return rater
