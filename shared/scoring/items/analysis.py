"""A paper analyzed from its item sheets: gather each, merge, finish (SCORING §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from shared.scoring.disclosure import withhold_figures
from shared.scoring.frame import FAULTS_SHOWN, MarkUnit
from shared.scoring.items import ITEM_STATISTICS
from shared.scoring.items.attainment import attainment
from shared.scoring.items.base import Figures, ItemView, Measure
from shared.scoring.items.frame import check_item_sheet
from shared.scoring.items.options import option_bands, option_flags
from shared.scoring.items.plan import ItemPlan
from shared.scoring.items.schemas import ITEM_MEASURE_METHODS, shape_item_frame
from shared.scoring.items.summary import ItemSummary, gather_items, merge_item_summaries
from shared.terms.errors import DomainError, Fault


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ItemAnalysis:
    """Every figure of a paper: tidy frames as in :mod:`shared.scoring.items.schemas`."""

    item_measures: pl.DataFrame
    paper_measures: pl.DataFrame
    option_bands: pl.DataFrame
    option_flags: pl.DataFrame
    item_attainment: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def shown_to(self, own_school: str | None) -> ItemAnalysis:
        """The analysis with small groups withheld (SCORING §9).

        Args:
            own_school: the caller's school, whose own groups stay whole; ``None`` for callers above schools.

        Returns:
            The same frames. All but attainment speak of the whole population only, and are left alone.
        """
        whole = self.item_attainment
        names = ("aspect", "aspect_code", "position")
        shown = withhold_figures(whole, own_school=own_school).with_columns(whole[name] for name in names)
        return replace(self, item_attainment=shown)


def analyze_items(
    sheet_frames: Iterable[pl.DataFrame], plan: ItemPlan, *, unit: MarkUnit = MarkUnit.MARK
) -> ItemAnalysis:
    """Analyzes a paper.

    Args:
        sheet_frames: item sheets, one per partition, read once, in any order.
        plan: the items.
        unit: whether the sheets hold marks or grid units.

    Returns:
        All figures; the same rows give the same figures, however they are ordered or divided.

    Raises:
        DomainError: ``scoring.sheet_invalid`` for a sheet that cannot be used, a candidate in two sheets or a school
            in two counties; ``scoring.no_candidates`` without any candidate.
    """
    summaries, candidates = [], []
    for frame in sheet_frames:
        sheet = check_item_sheet(frame, plan, unit=unit)
        candidates.append(sheet.frame.select("candidate_id", "county_code", "school_code"))
        summaries.append(gather_items(sheet))
    if not any(part.height for part in candidates):
        raise DomainError("scoring.no_candidates")
    _require_consistent(pl.concat(candidates))
    return finish_items(merge_item_summaries(summaries))


def finish_items(summary: ItemSummary) -> ItemAnalysis:
    """All figures of a merged summary; that of one school or county gives its own."""
    view = ItemView(summary)
    items: list[pl.DataFrame] = []
    papers: list[pl.DataFrame] = []
    for statistic in ITEM_STATISTICS:
        method = ITEM_MEASURE_METHODS[statistic.name]
        figures = statistic.finish(view)
        for measure in statistic.measures:
            labeled = _table(figures[measure.code], measure, view).with_columns(
                pl.lit(method.id).alias("method"), pl.lit(method.version).alias("method_version")
            )
            (papers if measure.of_paper else items).append(labeled)
    return ItemAnalysis(
        item_measures=shape_item_frame("item_measures", pl.concat(items)),
        paper_measures=shape_item_frame("paper_measures", pl.concat(papers)),
        option_bands=shape_item_frame("option_bands", option_bands(summary)),
        option_flags=shape_item_frame("option_flags", option_flags(summary)),
        item_attainment=shape_item_frame("item_attainment", attainment(summary), is_sorted=True),
    )


def _table(figures: Figures, measure: Measure, view: ItemView) -> pl.DataFrame:
    plan, count = view.plan, len(figures.value)
    rows: dict[str, object] = {"subject": [plan.subject] * count, "measure": [measure.code] * count}
    if measure.of_paper:
        rows["item_count"] = [view.item_count]
    else:
        rows["item"] = list(plan.codes)
        rows["position"] = np.arange(1, count + 1)
        rows["full_mark"] = plan.total.marks(view.full_units)
        rows["is_dichotomous"] = view.is_dichotomous
    scale = measure.scale
    bands = [None if np.isnan(value) or scale is None else scale.band(float(value)) for value in figures.value]
    numbers = {"value": figures.value, "se": figures.se, "ci_low": figures.ci_low, "ci_high": figures.ci_high}
    return pl.DataFrame(rows).with_columns(
        pl.lit(view.n, pl.Int64).alias("n"),
        pl.Series("status", ["not_computed" if reason else "computed" for reason in figures.reason]),
        pl.Series("reason", figures.reason, pl.String),
        *(pl.Series(name, values).fill_nan(None) for name, values in numbers.items()),
        pl.Series("band", bands, pl.String),
    )


def _require_consistent(candidates: pl.DataFrame) -> None:
    twice = candidates.filter(pl.col("candidate_id").is_duplicated())["candidate_id"].unique().sort()
    faults = [Fault("scoring.candidate_twice", source_id=name) for name in twice]
    schools = candidates.select("county_code", "school_code").unique()
    torn = schools.filter(pl.col("school_code").is_duplicated())["school_code"].unique().sort()
    faults += [Fault("scoring.school_in_two_counties", column="school_code", value=code) for code in torn]
    if faults:
        raise DomainError(
            "scoring.sheet_invalid",
            params={"count": len(faults)},
            faults=faults[:FAULTS_SHOWN],
            fault_count=len(faults),
        )
