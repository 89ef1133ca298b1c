"""What looks doubled or impossible, told to whoever certifies: a score and a reason, never who."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.scoring import rules_of
from services.teacher_eval.record_kinds.service import InForce
from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.entry import normalized
from services.teacher_eval.teacher_records.rules import CLAIMING, Claim, require_claimable
from services.teacher_eval.teacher_records.tables import TeacherRecord
from services.teacher_eval.whole_person import whole_person
from shared.scoring.records.rules import Period
from shared.scoring.records.scores import impossible_amounts
from shared.scoring.records.similarity import near_texts
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

LEAST_TITLE, LEAST_ISSUER = 0.8, 0.5
_MOST = 10
Flags = dict[uuid.UUID, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Other:
    id: str
    org_path: str


async def judge(
    session: AsyncSession, rows: Sequence[TeacherRecord], *, known: InForce, actor: Actor, refuse: bool = True
) -> Flags:
    """Flags of records that are about to be handed in, looking at everybody's.

    Args:
        session: the transaction.
        rows: stored records.
        known: the catalog in force.
        actor: who acts.
        refuse: whether an over-claimed achievement is refused; otherwise it is a flag too.

    Raises:
        DomainError: ``record.over_claimed``: the ranks others claim, not who they are.
    """
    flags: Flags = defaultdict(list)
    ids = [row.id for row in rows]
    files = await repository.evidence_of(session, actor, ids)
    # Doubles are looked for across schools that the caller cannot see: only a score leaves this block.
    async with whole_person(session, actor) as everywhere:
        await _claims(session, rows, everywhere, known=known, flags=flags, refuse=refuse)
        await _same_files(session, rows, everywhere, files=files, flags=flags)
        await _near_titles(session, rows, everywhere, flags=flags)
        await _impossible(session, rows, everywhere, known=known, flags=flags)
    return {id_: sorted(found, key=lambda flag: -flag["score"])[:_MOST] for id_, found in flags.items()}


async def _claims(
    session: AsyncSession,
    rows: Sequence[TeacherRecord],
    everywhere: Actor,
    *,
    known: InForce,
    flags: Flags,
    refuse: bool,
) -> None:
    shared = [row for row in rows if row.achievement is not None]
    if not shared:
        return
    rules = rules_of(known.catalog)
    keys = {str(row.achievement) for row in shared}
    await repository.hold_achievements(session, keys)
    others: dict[str, list[Claim]] = defaultdict(list)
    for key, rank, count in await repository.claims_on(session, everywhere, keys, but=[row.id for row in rows]):
        others[key].append(Claim(rank, count))
    for row in shared:
        own = Claim(row.author_rank or 1, row.author_count or 1)
        there = others[str(row.achievement)]
        try:
            require_claimable(own, there, rules)
        except DomainError:
            if refuse:
                raise
            told = ", ".join(f"{claim.rank}/{claim.count}" for claim in there)
            flags[row.id].append(_flag("over_claimed", 1.0, detail={"others": told}))
        there.append(own)


async def _same_files(
    session: AsyncSession,
    rows: Sequence[TeacherRecord],
    everywhere: Actor,
    *,
    files: Mapping[str, set[str]],
    flags: Flags,
) -> None:
    by_hash: dict[str, list[tuple[uuid.UUID, str]]] = defaultdict(list)
    hashes = {sha256 for found in files.values() for sha256 in found}
    there = await repository.records_with_files(session, everywhere, hashes, but=[row.id for row in rows])
    achievements = await repository.achievements_of(session, everywhere, [id_ for _, id_, _, _ in there])
    for sha256, id_, org_path, _ in there:
        by_hash[sha256].append((id_, org_path))
    for row in rows:
        for sha256 in sorted(files.get(str(row.id), ())):
            for id_, org_path in by_hash[sha256]:
                # Registered co-authors hand in the same certificate.
                if row.achievement is None or achievements.get(id_) != row.achievement:
                    flags[row.id].append(_flag("same_evidence", 1.0, row=row, other=_Other(str(id_), org_path)))


async def _near_titles(
    session: AsyncSession, rows: Sequence[TeacherRecord], everywhere: Actor, *, flags: Flags
) -> None:
    shared = [row for row in rows if row.achievement is not None]
    if not shared:
        return
    years = [row.happened_on.year for row in shared]
    first, last = dt.date(min(years), 1, 1), dt.date(max(years), 12, 31)
    kinds = {row.kind for row in shared}
    there = await repository.titles_between(session, everywhere, kinds, first, last)
    there = there.filter(~pl.col("id").is_in([str(row.id) for row in rows]))
    for kind in sorted(kinds):
        for year in sorted(set(years)):
            new = [row for row in shared if row.kind == kind and row.happened_on.year == year]
            old = there.filter((pl.col("kind") == kind) & (pl.col("year") == year))
            if new and old.height:
                await _compare(new, old, flags)


async def _compare(new: Sequence[TeacherRecord], old: pl.DataFrame, flags: Flags) -> None:
    titles = pl.Series([normalized(row.title or "") for row in new], dtype=pl.String)
    others = pl.Series([normalized(title or "") for title in old["title"]], dtype=pl.String)
    pairs = await asyncio.to_thread(near_texts, titles, others, least=LEAST_TITLE)
    for place, index, score in pairs.iter_rows():
        row, other = new[place], old.row(index, named=True)
        if other["achievement"] == row.achievement:
            continue
        issuers = [pl.Series([normalized(text or "")]) for text in (row.issuer, other["issuer"])]
        if near_texts(*issuers, least=LEAST_ISSUER).height:
            there = _Other(other["id"], other["org_path"])
            flags[row.id].append(_flag("near_title", round(float(score), 3), row=row, other=there))


async def _impossible(
    session: AsyncSession, rows: Sequence[TeacherRecord], everywhere: Actor, *, known: InForce, flags: Flags
) -> None:
    bounded = [row for row in rows if (kind := known.catalog.kinds.get(row.kind)) and kind.bound is not None]
    if not bounded:
        return
    first = min(row.happened_on for row in bounded) - dt.timedelta(days=31)
    last = max(row.ends_on or row.happened_on for row in bounded) + dt.timedelta(days=31)
    kinds = {row.kind for row in bounded}
    rules = rules_of(known.catalog)
    there = await repository.scored_records(
        session,
        everywhere,
        kinds=kinds,
        spans=rules.spans,
        since=first,
        until=last,
        people={row.staff_key for row in bounded},
        states=CLAIMING,
        also=[row.id for row in bounded],
    )
    over = await asyncio.to_thread(impossible_amounts, there, rules, Period(first, last))
    found = {record: (total, most) for record, total, most in over.select("record", "total", "most").iter_rows()}
    for row in bounded:
        if str(row.id) in found:
            total, most = found[str(row.id)]
            flags[row.id].append(_flag("impossible_amount", 1.0, detail={"total": total, "most": most}))


def _flag(
    kind: str,
    score: float,
    *,
    row: TeacherRecord | None = None,
    other: _Other | None = None,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A flag; the other record is named inside the same school alone."""
    is_elsewhere = row is not None and other is not None and row.org_path != other.org_path
    named = None if other is None or is_elsewhere else other.id
    return {"kind": kind, "score": score, "is_elsewhere": is_elsewhere, "record": named, "detail": dict(detail or {})}
