"""Groups of raters and their tickets: staff take their own, pupils and guardians are handed links."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ratings import repository
from services.teacher_eval.ratings.rules import STAFF, TICKET_RATE, Audience, require_open
from services.teacher_eval.ratings.schemas import GroupIn
from services.teacher_eval.ratings.tables import RatingGroup, RatingRound, RatingTicket
from services.teacher_eval.staff_register.repository import staff_by_keys
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.kernel.web.organizations import code_of
from shared.kits.surveys.links import fingerprint, new_secret
from shared.kits.surveys.questions import require_old_enough
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


async def put_group(
    session: AsyncSession, *, of: RatingRound, org_path: str, code: str, body: GroupIn, actor: Actor
) -> tuple[RatingGroup, bool]:
    """Writes a group; once somebody has answered, only the number of those asked changes.

    Raises:
        DomainError: ``rating.elsewhere``, ``rating.audience``, ``survey.too_young``, ``rating.closed``,
            ``survey.answered_already``; ``request.invalid`` with everybody who is not active staff of the school, and with
            raters who rate the same people in another group.
    """
    if not actor.covers(org_path) or not org_path.startswith(of.org_path):
        raise DomainError("rating.elsewhere")
    if body.audience not in of.audiences:
        raise DomainError("rating.audience", params={"audience": body.audience, "allowed": ", ".join(of.audiences)})
    if body.audience is Audience.STUDENTS:
        require_old_enough(body.grade_level)
    await _require_not_closed(session, of, org_path, actor)
    await _require_people(session, body, org_path, actor)
    await _require_once(session, of, org_path, code, body, actor)
    row = await repository.group_for_update(session, actor, of, org_path, code)
    is_new = row is None
    row = row or RatingGroup(round_id=of.id, org_path=org_path, code=code, ticket_count=0, response_count=0)
    values = {
        "audience": body.audience.value,
        "grade_level": body.grade_level,
        "rated": sorted(set(body.rated)),
        "raters": sorted(set(body.raters)),
        "invited_count": len(set(body.raters)) if body.audience in STAFF else body.invited_count,
    }
    changed = {name for name, value in values.items() if getattr(row, name, None) != value}
    if row.response_count and changed - {"invited_count"}:
        raise DomainError("survey.answered_already", params={"fields": ", ".join(sorted(changed - {"invited_count"}))})
    for name, value in values.items():
        setattr(row, name, value)
    key = _key(of, row)
    await keep(session, row, resource="rating_groups", action="rating_group.set", key=key, actor=actor)
    return row, is_new


async def make_tickets(
    session: AsyncSession, *, of: RatingRound, group: RatingGroup, count: int, actor: Actor
) -> list[str]:
    """Makes links for one sheet each; their secrets are told once and kept as fingerprints.

    Raises:
        DomainError: ``rating.staff_take_their_own``, ``rating.too_many_tickets``, ``rating.closed``.
    """
    if group.audience in STAFF:
        raise DomainError("rating.staff_take_their_own")
    await _require_not_closed(session, of, group.org_path, actor)
    most = int(group.invited_count * TICKET_RATE) + 1
    if group.ticket_count + count > most:
        raise DomainError("rating.too_many_tickets", params={"left": max(most - group.ticket_count, 0)})
    made = [new_secret() for _ in range(count)]
    session.add_all(_ticket(group, secret, None) for secret in made)
    group.ticket_count += count
    await session.flush()
    note(session, actor, "rating_tickets.made", group.code, {"count": count})
    return made


async def take_ticket(session: AsyncSession, *, of: RatingRound, group: RatingGroup, person: str, actor: Actor) -> str:
    """The one ticket of a member of staff; until it is used, asking again gives a new one in its place.

    Raises:
        DomainError: ``resource.not_found`` for somebody who does not rate in the group; ``survey.ticket_used``,
            ``survey.closed``, ``rating.closed``.
    """
    if person not in group.raters:
        raise DomainError("resource.not_found", params={"what": f"rating group {group.code}"})
    require_open(of.opens_on, of.closes_on, clock.today())
    await _require_not_closed(session, of, group.org_path, actor)
    secret = new_secret()
    ticket = await repository.ticket_of_holder(session, actor, group, person)
    if ticket is None:
        session.add(_ticket(group, secret, person))
        group.ticket_count += 1
    elif ticket.is_used:
        raise DomainError("survey.ticket_used")
    else:
        ticket.secret_sha256 = fingerprint(secret)
    await session.flush()
    note(session, actor, "rating_ticket.taken", group.code)
    return secret


def _ticket(group: RatingGroup, secret: str, holder: str | None) -> RatingTicket:
    return RatingTicket(
        group_id=group.id, org_path=group.org_path, secret_sha256=fingerprint(secret), holder_key=holder, is_used=False
    )


def _key(of: RatingRound, row: RatingGroup) -> dict[str, str]:
    return {
        "organization": code_of(of.org_path),
        "round": of.code,
        "school": code_of(row.org_path),
        "group": row.code,
    }


async def _require_not_closed(session: AsyncSession, of: RatingRound, org_path: str, actor: Actor) -> None:
    if await repository.closing_of(session, actor, of, org_path) is not None:
        raise DomainError("rating.closed", params={"round": of.code})


async def _require_people(session: AsyncSession, body: GroupIn, org_path: str, actor: Actor) -> None:
    known = await staff_by_keys(session, actor, {*body.rated, *body.raters})
    here = {key for key, row in known.items() if row.is_active and row.org_path == org_path}
    faults = [
        Fault("rating.not_staff", pointer=f"/{name}/{place}")
        for name, keys in (("rated", body.rated), ("raters", body.raters))
        for place, key in enumerate(keys)
        if key not in here
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)


async def _require_once(
    session: AsyncSession, of: RatingRound, org_path: str, code: str, body: GroupIn, actor: Actor
) -> None:
    """Nobody on staff rates the same person through two groups."""
    others = [
        group
        for group in await repository.school_groups(session, actor, of, org_path)
        if group.code != code and group.audience == body.audience and set(group.rated) & set(body.rated)
    ]
    twice = {rater for group in others for rater in group.raters} & set(body.raters)
    faults = [
        Fault("rating.rater_twice", pointer=f"/raters/{place}") for place, key in enumerate(body.raters) if key in twice
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)
