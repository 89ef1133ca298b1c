"""How severe the office's raters are, and what visits would score without that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.checklists.rules import HIGHEST, ChecklistItem, Scale
from services.school_eval.visits import repository
from services.school_eval.visits.service.items import items_of_visit
from services.school_eval.visits.severity_schemas import (
    AgreementOut,
    RaterSeverityOut,
    RaterSeverityRow,
    SeverityModelOut,
    VisitScoreRow,
)
from services.school_eval.visits.tables import Visit
from shared.kernel import clock
from shared.policy.inspections import days_on
from shared.scoring.raters.agreement import Agreement, KappaWeights, agreement
from shared.scoring.raters.severity import SeverityModel, adjusted_scores, rater_severity
from shared.terms.actor import Actor

_ITEM_SCHEMA = {"item": pl.String(), "scale": pl.String(), "highest": pl.Int64(), "weight": pl.Float64()}


async def severity_report(
    session: AsyncSession, *, school_year: str, checklist: str | None, actor: Actor
) -> RaterSeverityOut:
    """Severity and agreement of the own office's raters in a school year, on one checklist or on all.

    Raters are compared by visits that several rated; nobody's scores are adjusted by an estimate that rests on few.
    """
    visits = await repository.rated_by_office(session, actor, school_year=school_year)
    items = await _items(session, visits, actor)
    rows = await repository.rating_rows(session, actor, visits)
    today = clock.today()
    least = days_on("least_visits_for_severity", today), days_on("least_double_rated_for_severity", today)

    def work() -> tuple[SeverityModel, pl.DataFrame, list[AgreementOut]]:
        rated = _shares(rows, items, checklist)
        model = rater_severity(rated)
        scores = adjusted_scores(model, least_visits=least[0], least_shared_visits=least[1])
        return model, scores, list(_agreements(rated))

    model, scores, agreements = await asyncio.to_thread(work)
    schools = {str(visit.id): visit.school_code for visit in visits}
    return RaterSeverityOut(
        school_year=school_year,
        checklist=checklist,
        least_visits=least[0],
        least_shared_visits=least[1],
        model=SeverityModelOut.model_validate(model, from_attributes=True),
        agreements=agreements,
        raters=[_rater_row(row, least) for row in model.raters.iter_rows(named=True)],
        visits=[VisitScoreRow(school_code=schools[row["visit"]], **row) for row in scores.iter_rows(named=True)],
    )


async def _items(session: AsyncSession, visits: Sequence[Visit], actor: Actor) -> list[ChecklistItem]:
    """Items of every checklist version in use; an item keeps its scale from one version to the next or is another one."""
    by_checklists = {str(visit.checklists): visit for visit in visits}
    found = [await items_of_visit(session, visit, actor=actor) for visit in by_checklists.values()]
    return list({(item.key, item.scale): item for items in found for item in items}.values())


def _shares(rows: pl.DataFrame, items: Sequence[ChecklistItem], checklist: str | None) -> pl.DataFrame:
    known = pl.DataFrame(
        [(item.key, item.scale.value, HIGHEST[item.scale], float(item.weight)) for item in items],
        schema=_ITEM_SCHEMA,
        orient="row",
    ).unique("item", keep="last", maintain_order=True)
    rated = rows.drop_nulls("rating").join(known, on="item", how="inner")
    if checklist is not None:
        rated = rated.filter(pl.col("item").str.starts_with(f"{checklist}."))
    return rated.with_columns((pl.col("rating") / pl.col("highest")).alias("share"))


def _agreements(rated: pl.DataFrame) -> Iterator[AgreementOut]:
    """Agreement of every two raters of a visit, scale by scale; who of them stands first is by chance."""
    pairs = rated.join(rated, on=["visit", "item"], suffix="_other").filter(pl.col("rater") < pl.col("rater_other"))
    for scale in Scale:
        chosen = pairs.filter(pl.col("scale") == scale)
        found: Agreement = agreement(
            chosen["rating"].to_numpy(),
            chosen["rating_other"].to_numpy(),
            categories=HIGHEST[scale] + 1,
            weights=KappaWeights.QUADRATIC,
            is_interchangeable=True,
        )
        yield AgreementOut(scale=scale, **{name: getattr(found, name) for name in Agreement.__slots__})


def _rater_row(row: dict[str, object], least: tuple[int, int]) -> RaterSeverityRow:
    shown = RaterSeverityRow.model_validate({**row, "is_used": False})
    enough = shown.visits >= least[0] and shown.shared_visits >= least[1]
    return shown.model_copy(update={"is_used": enough and shown.severity is not None})
