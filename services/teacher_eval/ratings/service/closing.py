"""Closing a school's ratings: counted, withheld where few, frozen; then what tied answers to raters is forgotten."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ratings import repository
from services.teacher_eval.ratings.rules import STAFF, require_over
from services.teacher_eval.ratings.tables import RatingClosing, RatingFigure, RatingGroup, RatingRound
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep
from shared.kernel.web.organizations import code_of
from shared.kits.platform import platform_actor
from shared.kits.surveys.questions import ItemKind
from shared.scoring.ratings import rating_figures
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments

_FIGURES = ("n", "raw", "value", "se", "ci_low", "ci_high", "adjusted_count")


async def close_school(session: AsyncSession, *, of: RatingRound, org_path: str, actor: Actor) -> RatingClosing:
    """Closes and counts the ratings of a school, once; again it is the closing there is. The round is locked.

    Raises:
        DomainError: ``rating.still_open``; ``resource.not_found`` for a school without groups.
    """
    done = await repository.closing_of(session, actor, of, org_path)
    if done is not None:
        return done
    require_over(of.closes_on, clock.today())
    groups = await repository.school_groups(session, actor, of, org_path)
    if not groups:
        raise DomainError("resource.not_found", params={"what": f"rating groups of {code_of(org_path)}"})
    asked = await repository.questionnaire_of(session, actor, of)
    rows = await repository.answers_of(session, actor, [group.id for group in groups])
    figures = await asyncio.to_thread(_figures, of.audiences, asked.content["items"], groups, rows)
    session.add_all(RatingFigure(round_id=of.id, org_path=org_path, **values) for values in figures)
    sha256 = hashlib.sha256(pl.DataFrame(figures, infer_schema_length=None).write_json().encode()).hexdigest()
    row = RatingClosing(
        round_id=of.id,
        org_path=org_path,
        school_code=path_segments(org_path)[3],
        closed_at=clock.now(),
        answer_count=len(rows),
        figures_sha256=sha256,
    )
    session.add(row)
    await session.flush()
    await repository.forget_raters(session, [group.id for group in groups])
    detail = {"answers": len(rows), "figures": len(figures), "sha256": sha256}
    note(session, actor, "ratings.closed", f"{of.code}/{code_of(org_path)}", detail)
    key = {"organization": code_of(of.org_path), "round": of.code, "school": code_of(org_path)}
    await record_changes(session, "rating_closings", Operation.UPSERTED, [(org_path, key)])
    return row


def _figures(
    audiences: Mapping[str, Mapping[str, Any]],
    items: Sequence[Mapping[str, Any]],
    groups: Sequence[RatingGroup],
    rows: Sequence[tuple[uuid.UUID, str, str, Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Figures of everybody rated by each audience, by audience and person; empty where fewer than the smallest number."""
    points = {item["code"]: item["points"] for item in items if item["kind"] == ItemKind.SCALE}
    audience_of = {group.id: group.audience for group in groups}
    found = []
    for audience, asked in sorted(audiences.items()):
        own = [row for row in rows if audience_of[row[0]] == audience]
        columns = {code: [answers.get(code) for *_, answers in own] for code in points}
        sheets = pl.DataFrame(
            {"rated": [row[1] for row in own], "rater": [row[2] for row in own], **columns},
            schema={"rated": pl.String, "rater": pl.String, **dict.fromkeys(points, pl.Int64)},
        )
        adjust = asked["adjust"] and audience in STAFF
        invited = _invited([group for group in groups if group.audience == audience])
        figures = rating_figures(sheets, invited, points=points, trim=asked["trim_rate"], adjust=adjust)
        for row in figures.iter_rows(named=True):
            is_small = row["n"] < asked["min_n"]
            kept = {name: None if is_small else row[name] for name in _FIGURES}
            found.append(
                {"staff_key": row["rated"], "audience": audience, "invited_count": row["invited_count"], **kept}
            )
    return found


def _invited(groups: Sequence[RatingGroup]) -> pl.DataFrame:
    """How many should have rated each person; nobody counts for themselves."""
    counts: dict[str, int] = defaultdict(int)
    for group in groups:
        for key in group.rated:
            counts[key] += group.invited_count - (key in group.raters)
    rows = sorted((key, count) for key, count in counts.items())
    return pl.DataFrame(rows, schema={"rated": pl.String, "invited_count": pl.Int64}, orient="row")


async def _close_over(kernel: Kernel) -> int:
    """Closes what schools have left open beyond its last day, a school a transaction."""
    actor = platform_actor(kernel.service)
    async with kernel.database.transaction("") as session:
        over = await repository.left_open(session, actor, clock.today())
    for round_id, org_path in over:
        async with kernel.database.transaction("") as session:
            of = await repository.round_for_update(session, actor, round_id)
            await close_school(session, of=of, org_path=org_path, actor=actor)
    return len(over)


RATINGS_SWEEP = KernelSweep("ratings_over", _close_over)
