"""Opening a class's term of development, naming its teachers, moving it on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_terms.rules import (
    DEVELOPMENT_LIFE,
    DevelopmentState,
    require_grade,
    require_state,
)
from services.student_eval.development_terms.schemas import DevelopmentTermIn
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.schemes.mounted import SCHEMES
from shared.kernel.records import keep
from shared.kits.schemes.repository import version_of
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.rules.levels import Levels
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments


async def open_class_term(
    session: AsyncSession,
    *,
    org_path: str,
    school_year: str,
    grade_level: int,
    body: DevelopmentTermIn,
    members: Sequence[Mapping[str, str]],
    teachers: Sequence[str],
    today: dt.date,
    actor: Actor,
) -> DevelopmentTerm:
    """Opens a class's term for recording.

    Raises:
        DomainError: ``development.class_empty``, ``development.not_this_grade``,
            ``development.open_already``, ``development.scheme_unfit``; ``resource.not_found`` for the scheme's version.
    """
    if not members:
        raise DomainError("development.class_empty", params={"class_code": body.class_code})
    require_grade(grade_level)
    version = await version_of(session, SCHEMES, actor, body.scheme, body.scheme_version)
    as_of = body.as_of or today
    _require_levels(await scheme_on(version, as_of))
    _, _, county, school = path_segments(org_path)[:4]
    row = DevelopmentTerm(
        org_path=org_path,
        school_code=school,
        county_code=county,
        class_code=body.class_code,
        grade_level=grade_level,
        school_year=school_year,
        semester=body.semester,
        state=DevelopmentState.RECORDING,
        members=[dict(member) for member in members],
        teachers=list(teachers),
        scheme_version_id=version.id,
        scheme_code=body.scheme,
        scheme_number=version.number,
        as_of=as_of,
    )
    try:
        async with session.begin_nested():
            await keep_term(session, row, "opened", actor, {"members": len(members), "teachers": len(teachers)})
    except IntegrityError:
        raise DomainError("development.open_already") from None
    return row


async def refresh_members(
    session: AsyncSession, *, row: DevelopmentTerm, members: Sequence[Mapping[str, str]], actor: Actor
) -> DevelopmentTerm:
    """Takes the pupils as the roster has them now; what was said of those who left stays and counts no more.

    Raises:
        DomainError: ``development.not_now`` once it is reported; ``development.class_empty``.
    """
    require_state(DevelopmentState(row.state), DevelopmentState.RECORDING, DevelopmentState.JUDGING)
    if not members:
        raise DomainError("development.class_empty", params={"class_code": row.class_code})
    before, now = ({member["student_key"] for member in each} for each in (row.members, members))
    if before != now:
        row.members = [dict(member) for member in members]
        detail = {"joined": len(now - before), "left": len(before - now)}
        await keep_term(session, row, "members_refreshed", actor, detail)
    return row


async def name_teachers(
    session: AsyncSession, *, row: DevelopmentTerm, teachers: Sequence[str], actor: Actor
) -> DevelopmentTerm:
    """Names who teaches the class, where the roster does not know or somebody stands in."""
    row.teachers = list(dict.fromkeys(teachers))
    await keep_term(session, row, "teachers_named", actor, {"teachers": len(row.teachers)})
    return row


async def move_term(
    session: AsyncSession, *, row: DevelopmentTerm, action: str, actor: Actor, detail: Mapping[str, Any] | None = None
) -> DevelopmentTerm:
    """Takes a step; raises ``workflow.not_allowed``."""
    row.state = DEVELOPMENT_LIFE.target(action, DevelopmentState(row.state))
    await keep_term(session, row, action, actor, detail)
    return row


async def keep_term(
    session: AsyncSession, row: DevelopmentTerm, action: str, actor: Actor, detail: Mapping[str, Any] | None = None
) -> None:
    """Counts the version, notes what was done, tells those who pull."""
    key = {
        "school_code": row.school_code,
        "class_code": row.class_code,
        "school_year": row.school_year,
        "semester": str(row.semester),
    }
    await keep(
        session,
        row,
        resource="development_terms",
        action=f"development_term.{action}",
        key=key,
        actor=actor,
        detail=detail,
    )


def _require_levels(scheme: Scheme) -> None:
    """Children are described in levels, never in points."""
    unfit = [leaf.code for leaf in scheme.leaves() if not isinstance(leaf.rule, Levels)]
    if unfit or scheme.shows_total:
        raise DomainError("development.scheme_unfit", params={"leaves": ", ".join(unfit) or "shows_total"})
