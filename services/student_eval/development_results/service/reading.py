"""What a pupil is told, term by term, against oneself; and what follows from own records."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_results import repository
from services.student_eval.development_results.rules import Advice, Change, advice_of, changes_of
from services.student_eval.development_results.service.computing import UNIT
from services.student_eval.development_results.service.reporting import unit_of
from services.student_eval.development_results.tables import PupilDevelopment
from services.student_eval.development_terms.opened import opened
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.development_words.repository import comments_of
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Told:
    """A term of a pupil as it is told.

    Args:
        row: the grades.
        term: the class's term.
        scheme: the table.
        changes: by node against the term before under the same scheme.
        before: grades of that term.
        comment: what the class teacher wrote.
    """

    row: PupilDevelopment
    term: DevelopmentTerm
    scheme: Scheme
    changes: Mapping[str, Change]
    before: Mapping[str, str] | None
    comment: str | None


async def told_terms(
    session: AsyncSession, actor: Actor, student_key: str, *, teachers_only: str | None = None
) -> list[Told]:
    """A pupil's terms, the first first.

    Args:
        session: the transaction, open as far as the pupil's things may be read.
        actor: who reads.
        student_key: whose.
        teachers_only: a member of staff who reads the terms of classes taught alone.
    """
    rows = await repository.told_of(session, actor, student_key)
    if teachers_only is not None:
        rows = [(row, term) for row, term in rows if teachers_only in term.teachers]
    comments = {
        row.term_id: row.text
        for row in await comments_of(session, actor, [term.id for _, term in rows], students=[student_key])
    }
    found: list[Told] = []
    last: dict[str, Mapping[str, str]] = {}
    for row, term in rows:
        scheme = (await opened(session, term, actor)).scheme
        before = last.get(term.scheme_code)
        changes = changes_of(scheme, before, row.grades)
        found.append(Told(row, term, scheme, changes, before, comments.get(term.id)))
        last[term.scheme_code] = row.grades
    return found


async def sources_of(
    session: AsyncSession, store: ColumnarStore, actor: Actor, told: Told
) -> dict[str, list[tuple[str, str]]]:
    """By checkpoint what each source said of the pupil: ``(source, level)``."""
    result = await repository.result_by_id(session, actor, told.row.result_id)
    unit = unit_of(told.term.id, told.row.student_key)

    def read() -> pl.DataFrame:
        return store.scan(result.frames["sources"]).filter(pl.col(UNIT) == unit).collect()

    found: dict[str, list[tuple[str, str]]] = {}
    for leaf, source, level in (await asyncio.to_thread(read)).select("leaf", "source", "level").iter_rows():
        found.setdefault(leaf, []).append((source, level))
    return found


def term_of(terms: Sequence[Told], term_id: uuid.UUID) -> Told:
    """One of a pupil's terms; raises ``resource.not_found``."""
    for told in terms:
        if told.term.id == term_id:
            return told
    raise DomainError("resource.not_found", params={"what": f"development of term {term_id}"})


def advised(told: Told, records: Mapping[str, int]) -> list[Advice]:
    """What follows from a pupil's last term."""
    return advice_of(told.scheme, told.before, told.row.grades, records)
