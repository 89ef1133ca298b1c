"""Pure decisions: which schools are held against which standard, and with what figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from services.school_eval.statistics.catalog import Catalog
from shared.policy.balanced_development import BalanceStandard
from shared.scoring.balanced_development import COUNTY, PUPILS, SCHOOL, STAGE, ResourceStandard
from shared.terms.education import Stage

_COMPULSORY = frozenset({Stage.PRIMARY, Stage.JUNIOR_SECONDARY})


def stage_judged(stages: Sequence[str]) -> str | None:
    """The stage whose standard a school is held against; ``None`` where its statistics hold other stages too.

    A nine-year school counts its rooms and teachers once: it is held against the higher standard, junior secondary's.
    """
    if not stages or not set(stages) <= _COMPULSORY:
        return None
    return Stage.JUNIOR_SECONDARY if Stage.JUNIOR_SECONDARY in stages else Stage.PRIMARY


def schools_table(
    units: pl.DataFrame, figures: Mapping[str, Mapping[str, Decimal]], indicators: Sequence[str], catalog: Catalog
) -> tuple[pl.DataFrame, Sequence[str]]:
    """Schools with a stage and pupils, ready to be judged; and the codes of those left out.

    Args:
        units: ``unit_code, county_code, stages`` as frozen.
        figures: what schools entered, by code; schools without are not in it.
        indicators: codes of the derived statistics looked at.
        catalog: how they are worked out.
    """
    rows, left_out = [], []
    for school, county, stages in units.select("unit_code", "county_code", "stages").iter_rows():
        entered, stage = figures.get(school, {}), stage_judged(stages)
        pupils = entered.get("student_count")
        if stage is None or not pupils:
            left_out.append(school)
            continue
        derived = {code: catalog.derived[code].value(entered) for code in indicators}
        values = {code: None if value is None else float(value) for code, value in derived.items()}
        rows.append({SCHOOL: school, COUNTY: county, STAGE: stage, PUPILS: int(pupils), **values})
    schema: dict[str, pl.DataType] = dict.fromkeys((SCHOOL, COUNTY, STAGE), pl.String())
    schema |= {PUPILS: pl.Int64()} | dict.fromkeys(indicators, pl.Float64())
    return pl.DataFrame(rows, schema=schema), left_out


def resource_standard(standard: BalanceStandard) -> ResourceStandard:
    """The standard as the computation takes it."""
    return ResourceStandard(
        stage=standard.stage,
        indicators=standard.indicators,
        required=standard.required,
        least_share=standard.least_share,
        variation_limit=standard.variation_limit,
    )
