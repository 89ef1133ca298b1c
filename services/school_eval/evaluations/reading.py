"""One school's evaluation as its readers see it, and the board of many."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.tables import Campaign
from services.school_eval.evaluations import evidence, repository
from services.school_eval.evaluations.prefilled import Prefilled, prefilled_of
from services.school_eval.evaluations.rules import (
    Action,
    Judge,
)
from services.school_eval.evaluations.schemas import (
    BoardRowOut,
    EvaluationSheetOut,
    LeafOut,
    PrefilledOut,
    board_row,
    sheet_out,
)
from services.school_eval.evaluations.service.opened import Opened
from services.school_eval.evaluations.tables import LeafValue, SchoolEvaluation
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.web.paging import PageRequest, fetch_page
from shared.scoring.scheme.entered_values import applies, shown
from shared.scoring.scheme.tree import Leaf
from shared.terms.actor import Actor


async def sheet_of(session: AsyncSession, *, opened: Opened, store: ColumnarStore) -> EvaluationSheetOut:
    """Every leaf of one school."""
    row, campaign = opened.evaluation, opened.campaign
    values = await repository.values_of(session, opened.actor, row.id)
    files = await evidence.counts_of(session, opened.actor, campaign.code, row.school_code)
    figures = await asyncio.to_thread(prefilled_of, store, campaign.prefill, row.school_code)
    leaves = [
        leaf_out(leaf, row.attributes, values.get(code), figures.get(code), files.get(code, 0))
        for code, leaf in opened.leaves.items()
    ]
    return sheet_out(row, campaign, opened.actor, leaves)


async def board(
    session: AsyncSession, statement: Any, page: PageRequest, *, campaign: Campaign, actor: Actor
) -> dict[str, Any]:
    """A page of the board: the counts of its schools in one query."""
    found = await fetch_page(session, statement, page, key=[SchoolEvaluation.school_code], present=lambda row: row)
    rows: list[SchoolEvaluation] = found["items"]
    counts = await repository.counts_by_judge(session, actor, [row.id for row in rows])
    items: list[BoardRowOut] = [board_row(row, campaign, actor, counts.get(row.id, {})) for row in rows]
    return found | {"items": items}


def leaf_out(
    leaf: Leaf, attributes: Mapping[str, Any], value: LeafValue | None, figure: Prefilled | None, files: int
) -> LeafOut:
    """A leaf of one school."""
    return LeafOut(
        leaf=leaf.code,
        name={"zh": leaf.name.zh, "en": leaf.name.en},
        value_kind=leaf.rule.value_kind,
        choices=list(leaf.rule.choices),
        evaluators=list(leaf.evaluators),
        methods=list(leaf.methods),
        source={"kind": leaf.source.kind, "key": leaf.source.key},
        applies=applies(leaf, attributes),
        value=_value(leaf, value, figure),
        judge=Judge(value.judge) if value else None,
        action=Action(value.action) if value else None,
        note=value.note if value else None,
        school_value=shown(leaf, value.school_value) if value else None,
        set_at=value.set_at if value else None,
        evidence_count=files,
        prefilled=None
        if figure is None
        else PrefilledOut(
            value=figure.value,
            standard_error=figure.standard_error,
            origin=None if figure.origin is None else dict(figure.origin),
        ),
    )


def _value(leaf: Leaf, value: LeafValue | None, figure: Prefilled | None) -> Any:
    """What counts now: the last word spoken, or the figure filled in."""
    if value is not None:
        return shown(leaf, value.value)
    return None if figure is None else figure.value
