"""Synthetic cities whose truth is known, scaled down: 300 schools, 60,000 pupils."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import polars as pl
import pytest

from shared.scoring.frame import MarkUnit, check_sheet
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.plan import AnalysisPlan, OutcomeScale, ValueAddedModel
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.scoring.value_added.models import FittedModel, fit_models, model_table, school_table
from tools.synthetic_city import City, CitySettings, build_city
from tools.synthetic_city.items import OPTIONS
from tools.synthetic_city.truth import anomalies

SEEDS = (11, 12, 13, 14, 15)
EXAM = "exit"


@dataclass(frozen=True, eq=False)
class SeenCity:
    """A city, what the platform sees of it, and where its anomalies are."""

    city: City
    marks: pl.DataFrame
    items: pl.DataFrame
    planted: dict[str, dict]

    @property
    def item_plan(self) -> ItemPlan:
        return ItemPlan(
            subject="math",
            items=tuple(
                Item(item.code, Decimal(item.full_mark))
                if item.key is None
                else Item(item.code, Decimal(item.full_mark), options=OPTIONS, key=OPTIONS[item.key])
                for item in self.city.items
            ),
        )

    @property
    def sound_keys(self) -> dict[str, str]:
        bad = self.planted["bad_key"]["item"] if self.planted else None
        return {item.code: OPTIONS[item.key] for item in self.city.items if item.key is not None and item.code != bad}


@dataclass(frozen=True, eq=False)
class Fits:
    """Value-added models of a city, one per subject."""

    plan: AnalysisPlan
    fitted: tuple[FittedModel, ...]

    @property
    def schools(self) -> pl.DataFrame:
        return pl.concat(school_table(model, self.plan) for model in self.fitted)

    @property
    def models(self) -> pl.DataFrame:
        return pl.concat(model_table(model) for model in self.fitted)


@cache
def seen(seed: int, *, with_anomalies: bool) -> SeenCity:
    city = build_city(CitySettings(schools=300, pupils=60_000, seed=seed, with_anomalies=with_anomalies))
    chunks = list(city.chunks())
    return SeenCity(
        city,
        pl.concat(chunk.scoring_sheet(EXAM) for chunk in chunks),
        pl.concat(chunk.item_sheet() for chunk in chunks),
        {entry["kind"]: entry for entry in anomalies(city)},
    )


@cache
def fits(seed: int, *, with_anomalies: bool, scale: OutcomeScale = OutcomeScale.T) -> Fits:
    shown = seen(seed, with_anomalies=with_anomalies)
    outcomes = shown.city.settings.subjects
    plan = AnalysisPlan(
        outcomes=outcomes,
        intakes=tuple(Subject(entry.code + "_intake", entry.full_mark, entry.step) for entry in outcomes),
        models=tuple(ValueAddedModel(entry.code, (entry.code + "_intake",), scale) for entry in outcomes),
    )
    summary = gather_summary(check_sheet(shown.marks, plan, unit=MarkUnit.GRID_UNIT), plan)
    return Fits(plan, fit_models(summary.moments, plan))


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return request.param
