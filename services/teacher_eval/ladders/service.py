"""Keeping ladders: adopted from those of the platform, or written by a bureau, version after version."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ladders import repository
from services.teacher_eval.ladders.schemas import LadderIn
from services.teacher_eval.ladders.tables import Ladder, LadderVersion
from shared.kernel import clock
from shared.kernel.records import keep
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_BUILT_IN = ("teachers", "homeroom_teachers", "principals")
_ADOPTED = "采用平台内置梯级 / adopted from the platform"


@cache
def built_in_ladders() -> dict[str, LadderIn]:
    """Ladders that come with the platform, by code."""
    return {code: LadderIn.model_validate(_read(code)) for code in _BUILT_IN}


def _read(code: str) -> Any:
    return yaml.safe_load(Path(__file__).with_name(f"{code}.yaml").read_text("utf-8"))


async def adopt_ladder(session: AsyncSession, *, code: str, actor: Actor) -> Ladder:
    """Makes a built-in ladder the bureau's own.

    Raises:
        DomainError: ``resource.not_found``; ``ladder.known`` where it has one of this code.
    """
    content = built_in_ladders().get(code)
    if content is None:
        raise DomainError("resource.not_found", params={"what": f"ladder {code}"})
    if await repository.own_ladder_for_update(session, actor, code) is not None:
        raise DomainError("ladder.known", params={"ladder": code})
    return (await put_ladder(session, code=code, body=content, reason=_ADOPTED, row=None, actor=actor))[0]


async def put_ladder(
    session: AsyncSession, *, code: str, body: LadderIn, reason: str, row: Ladder | None, actor: Actor
) -> tuple[Ladder, bool]:
    """Writes a version of a ladder; the same content again is the version there is.

    Returns:
        The ladder, and whether it is new.

    Raises:
        DomainError: ``ladder.rung_dropped`` for a version without a rung that the one before had: people may hold it.
    """
    content = body.model_dump(mode="json", exclude={"reason"})
    is_new = row is None
    if row is None:
        row = Ladder(code=code, org_path=actor.org, kept_at_level=actor.level.value, version=0)
    elif row.content == content:
        return row, False
    else:
        _require_rungs_kept(row, body)
    row.content = content
    key = {"ladder": code}
    await keep(session, row, resource="ladders", action="ladder.set", key=key, actor=actor)
    version = LadderVersion(ladder_id=row.id, number=row.version, content=content, org_path=row.org_path)
    version.reason, version.by_org, version.at = reason, actor.org, clock.now()
    session.add(version)
    await session.flush()
    return row, is_new


def _require_rungs_kept(row: Ladder, body: LadderIn) -> None:
    dropped = sorted({rung["code"] for rung in row.content["rungs"]} - {rung.code for rung in body.rungs})
    if dropped:
        raise DomainError("ladder.rung_dropped", params={"rungs": ", ".join(dropped)})
