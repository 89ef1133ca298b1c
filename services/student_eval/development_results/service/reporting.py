"""Reporting terms: one class at once, or all classes of a school that are being judged."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_filling.filled import Wanted
from services.student_eval.development_filling.providers import PROVIDERS
from services.student_eval.development_results import repository
from services.student_eval.development_results.rules import require_complete
from services.student_eval.development_results.service.computing import UNIT, WHOLE, Computed, compute
from services.student_eval.development_results.tables import DevelopmentResult
from services.student_eval.development_terms.opened import opened
from services.student_eval.development_terms.rules import DEVELOPMENT_LIFE, DevelopmentState
from services.student_eval.development_terms.service import keep_term, move_term
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.development_words.repository import comments_of, forget_raters, words_frame
from services.student_eval.development_words.rules import WordSource
from shared.kernel.ids import new_id
from shared.kernel.store.columnar import ColumnarStore
from shared.policy.student_development import development_policy
from shared.scoring.scheme.tree import Evaluator, Leaf, Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Terms to be reported together, all of one school.

    Args:
        terms: the terms, locked.
        accept_reason: why words may be missing.
        skips_incomplete: leaves out classes that lack words instead of refusing them.
        actor: who reports.
    """

    terms: Sequence[DevelopmentTerm]
    accept_reason: str | None
    skips_incomplete: bool = False
    actor: Actor


async def report_terms(session: AsyncSession, store: ColumnarStore, report: Report) -> list[DevelopmentTerm]:
    """Computes terms, puts in force what their pupils are told, and moves them on.

    Returns:
        The terms that were reported.

    Raises:
        DomainError: ``workflow.not_allowed``; ``development.incomplete`` naming how many lack what.
    """
    for term in report.terms:
        DEVELOPMENT_LIFE.target("report", DevelopmentState(term.state))
    words = await words_frame(session, report.actor, [term.id for term in report.terms])
    complete = [term for term in report.terms if await _is_complete(session, report, term, words)]
    for _, together in groupby(sorted(complete, key=_kind), key=_kind):
        await _report_alike(session, store, report, list(together), words)
    await forget_raters(session, [term.id for term in complete])
    for term in complete:
        detail = {"pupils": len(term.members), "accept_reason": report.accept_reason}
        await move_term(session, row=term, action="report", actor=report.actor, detail=detail)
    return complete


async def reopen(session: AsyncSession, *, row: DevelopmentTerm, reason: str, actor: Actor) -> DevelopmentTerm:
    """Takes back what was told, to judge it anew; the computation stays. Raises ``workflow.not_allowed``."""
    row.state = DEVELOPMENT_LIFE.target("reopen", DevelopmentState(row.state))
    await repository.forget_told(session, [row.id])
    await keep_term(session, row, "reopen", actor, {"reason": reason})
    return row


def unit_of(term_id: uuid.UUID | str, student_key: str) -> str:
    """A pupil of a term, as frames name it."""
    return f"{term_id}/{student_key}"


def _kind(term: DevelopmentTerm) -> tuple[str, str, int]:
    return str(term.scheme_version_id), term.as_of.isoformat(), term.grade_level


async def _is_complete(session: AsyncSession, report: Report, term: DevelopmentTerm, words: pl.DataFrame) -> bool:
    own = words.filter(pl.col("term_id") == str(term.id), pl.col("source") == WordSource.CLASS_TEACHER)
    keys = [member["student_key"] for member in term.members]
    comments = await comments_of(session, report.actor, [term.id], students=keys)
    judged = own.filter(pl.col(UNIT).is_in(keys))[UNIT].n_unique()
    try:
        require_complete(len(keys), judged, len(comments), report.accept_reason)
    except DomainError:
        if not report.skips_incomplete:
            raise
        return False
    return True


async def _report_alike(
    session: AsyncSession, store: ColumnarStore, report: Report, terms: Sequence[DevelopmentTerm], words: pl.DataFrame
) -> None:
    first = terms[0]
    scheme = (await opened(session, first, report.actor)).scheme
    units = pl.DataFrame(
        [
            (unit_of(term.id, member["student_key"]), member["student_key"], str(term.id))
            for term in terms
            for member in term.members
        ],
        schema={UNIT: pl.String, "student_key": pl.String, "term_id": pl.String},
        orient="row",
    )
    filled, origins = await _filled(session, store, report.actor, first, scheme, units)
    said = words.rename({UNIT: "student_key"}).join(units, on=["term_id", "student_key"])
    said = said.select(UNIT, "leaf", "source", "level", "n")
    computed = await asyncio.to_thread(compute, scheme, first.grade_level, units.select(UNIT), said, filled)
    frames = await asyncio.to_thread(_stored, store, computed)
    inputs = {
        "scheme": {"code": first.scheme_code, "number": first.scheme_number, "as_of": first.as_of.isoformat()},
        "weights": {code: source.weight for code, source in development_policy().sources.items()},
        "filled": origins,
        "values_sha256": frames["values"],
        "sources_sha256": frames["sources"],
    }
    await _put_in_force(session, report, terms, computed.grades, inputs, frames, _counted(scheme))


async def _filled(
    session: AsyncSession,
    store: ColumnarStore,
    actor: Actor,
    term: DevelopmentTerm,
    scheme: Scheme,
    units: pl.DataFrame,
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Levels of computed checkpoints, and where they are from."""
    wanted = Wanted(school_year=term.school_year, org_path=term.org_path, students=units["student_key"])
    leaves = [leaf for leaf in scheme.leaves() if Evaluator.PLATFORM in leaf.evaluators]
    filled: dict[str, pl.DataFrame] = {}
    origins: dict[str, Any] = {}
    for kind in PROVIDERS:
        own = [leaf for leaf in leaves if (leaf.source.kind, leaf.source.key) == (kind.kind, kind.key)]
        found = await kind(session, store, actor).gather(wanted) if own else None
        if found is None:
            continue
        named = units.join(found.frame.rename({UNIT: "student_key"}), on="student_key").select(UNIT, "value")
        filled |= {leaf.code: named for leaf in own}
        origins |= {leaf.code: dict(found.origin) for leaf in own}
    return filled, origins


def _stored(store: ColumnarStore, computed: Computed) -> dict[str, str]:
    frames = {
        "values": computed.values,
        "sources": computed.sources,
        "scores": computed.evaluation.scores,
        "totals": computed.evaluation.totals,
    }
    return {name: store.put(frame).sha256 for name, frame in frames.items()}


def _counted(scheme: Scheme) -> list[str]:
    """Nodes that pictures are made of."""
    return [node.code for _, node in scheme.nodes() if not isinstance(node, Leaf)] + [WHOLE]


async def _put_in_force(
    session: AsyncSession,
    report: Report,
    terms: Sequence[DevelopmentTerm],
    grades: pl.DataFrame,
    inputs: Mapping[str, Any],
    frames: Mapping[str, str],
    counted: Sequence[str],
) -> None:
    ids = [term.id for term in terms]
    numbers = await repository.last_numbers(session, report.actor, ids)
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    results = {
        str(term.id): DevelopmentResult(
            id=new_id(),
            term_id=term.id,
            org_path=term.org_path,
            number=numbers.get(term.id, 0) + 1,
            inputs=dict(inputs),
            inputs_sha256=digest,
            frames=dict(frames),
            student_count=len(term.members),
            accept_reason=report.accept_reason,
            computed_by=report.actor.subject,
        )
        for term in terms
    }
    session.add_all(results.values())
    await session.flush()
    await repository.forget_told(session, ids)
    by_id = {str(term.id): term for term in terms}
    parts = pl.col(UNIT).str.split_exact("/", 1).struct.rename_fields(["term_id", "student_key"])
    named = grades.with_columns(parts.alias("__parts")).unnest("__parts")
    told = {(term_id, key): found for term_id, key, found in _by_pupil(named)}
    # Whoever has no grade at all is told the comment all the same.
    everybody = [(str(term.id), member["student_key"]) for term in terms for member in term.members]
    pupils = [_told(by_id[of], results[of].id, key, told.get((of, key), {})) for of, key in everybody]
    counts = (
        named.filter(pl.col("node").is_in(list(counted)))
        .group_by("term_id", "node", "grade")
        .agg(pl.len().alias("pupils"), pl.col("share").sum().alias("share_sum"))
    )
    rows = [_count(by_id[row.pop("term_id")], row) for row in counts.to_dicts()]
    await repository.add_told(session, pupils, rows)


def _by_pupil(named: pl.DataFrame) -> list[tuple[str, str, dict[str, str]]]:
    """Term, pupil and ``{node: grade}`` of everybody; the grade of the whole is told to nobody."""
    told = named.filter(pl.col("node") != WHOLE).group_by("term_id", "student_key", maintain_order=True)
    rows = told.agg("node", "grade").iter_rows()
    return [(term, key, dict(zip(nodes, letters, strict=True))) for term, key, nodes, letters in rows]


def _told(term: DevelopmentTerm, result_id: uuid.UUID, student_key: str, grades: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "term_id": term.id,
        "result_id": result_id,
        "org_path": term.org_path,
        "student_key": student_key,
        "school_year": term.school_year,
        "semester": term.semester,
        "grades": dict(grades),
    }


def _count(term: DevelopmentTerm, row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("org_path", "scheme_code", "county_code", "school_code", "class_code", "grade_level", "school_year")
    return {"term_id": term.id, "semester": term.semester, **{name: getattr(term, name) for name in names}, **row}
