"""Figures as they are read: one's own beside the middle half, a school's people, schools together, texts."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ratings import repository
from services.teacher_eval.ratings.schemas import (
    BandOut,
    OwnFigureOut,
    OwnGroupOut,
    SchoolTotalOut,
    TextsOut,
    figure_members,
)
from services.teacher_eval.ratings.tables import RatingRound
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.web.organizations import code_of
from shared.kits.surveys.questions import ItemKind
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: A band is told of at least so many people, a school's mean too.
LEAST_PEOPLE = 5


async def own_figures(session: AsyncSession, actor: Actor) -> list[OwnFigureOut]:
    """Every figure of the person who asks, at whatever school, newest first."""
    person = own_key(actor)
    async with whole_person(session, actor) as everywhere:
        rows = await repository.figures_of_person(session, everywhere, person)
        rounds = await repository.rounds_by_id(session, everywhere, {row.round_id for row in rows})
        found = []
        for row in rows:
            of = rounds[row.round_id]
            said = {name: getattr(of, name) for name in ("name", "kind", "school_year")}
            band = _band(await repository.values_beside(session, everywhere, row))
            found.append(
                OwnFigureOut(
                    **figure_members(row), **said, organization=code_of(row.org_path), round=of.code, band=band
                )
            )
    return found


def _band(values: list[float]) -> BandOut | None:
    """The middle half of those shown, of five people or more."""
    if len(values) < LEAST_PEOPLE:
        return None
    low, median, high = (float(each) for each in np.quantile(values, [0.25, 0.5, 0.75]))
    return BandOut(people=len(values), low=low, median=median, high=high)


async def own_groups(session: AsyncSession, actor: Actor) -> list[OwnGroupOut]:
    """Where the person who asks rates at the moment."""
    person = own_key(actor)
    used = await repository.tickets_used_by(session, actor, person)
    return [
        OwnGroupOut(
            organization=code_of(of.org_path),
            round=of.code,
            school=code_of(group.org_path),
            group=group.code,
            kind=of.kind,
            audience=group.audience,
            name=of.name,
            closes_on=of.closes_on,
            has_rated=group.id in used,
        )
        for group, of in await repository.own_groups(session, actor, person, clock.today())
    ]


async def school_totals(session: AsyncSession, *, of: RatingRound, actor: Actor) -> list[SchoolTotalOut]:
    """Schools of the actor's organization by audience: the mean over people whose own figures are shown.

    What is withheld of a person is in no mean, so no subtraction brings it back.
    """
    frame = await repository.figures_below(session, actor, of, actor.org)
    found = []
    for (org_path, audience), rows in frame.group_by(["org_path", "audience"], maintain_order=True):
        shown = rows.drop_nulls("value")
        is_small = shown.height < LEAST_PEOPLE
        counts: Any = (shown["n"].sum(), shown["invited_count"].sum())
        found.append(
            SchoolTotalOut(
                organization=code_of(str(org_path)),
                audience=audience,
                people=rows.height,
                response_rate=None if is_small else counts[0] / counts[1],
                mean=None if is_small else float(np.mean(np.sort(shown["value"].to_numpy()))),
                suppressed=is_small,
            )
        )
    return found


async def texts_about(
    session: AsyncSession, *, of: RatingRound, org_path: str, staff_key: str, audience: str, item: str, actor: Actor
) -> TextsOut:
    """What was written of a person, shuffled; nothing where fewer than the smallest number wrote, or before the end.

    Raises:
        DomainError: ``rating.own_texts`` for the person themselves.
    """
    if actor.is_person(staff_key):
        raise DomainError("rating.own_texts")
    asked = await repository.questionnaire_of(session, actor, of)
    known = {each["code"] for each in asked.content["items"] if each["kind"] == ItemKind.TEXT}
    nothing = TextsOut(question=item, n=0, texts=[])
    settings = of.audiences.get(audience)
    if item not in known or settings is None or await repository.closing_of(session, actor, of, org_path) is None:
        return nothing
    groups = await repository.groups_rating(
        session, actor, of, org_path=org_path, staff_key=staff_key, audience=audience
    )
    rows = await repository.answers_of(session, actor, [group.id for group in groups])
    texts = [str(answers[item]).strip() for _, key, _, answers in rows if key == staff_key and item in answers]
    if len(texts) < settings["min_n"]:
        return nothing
    random.SystemRandom().shuffle(texts)
    note(session, actor, "rating_texts.read", f"{of.code}/{item}", {"count": len(texts)})
    return TextsOut(question=item, n=len(texts), texts=texts)
