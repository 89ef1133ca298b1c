"""The comprehensive undergraduate rate of the city as a whole: observation only, never of a school (SCORING §5.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task
from services.monitoring.analyses.parts.tracks import track_needs
from services.monitoring.analyses.track_sheets import tracks_of
from services.monitoring.exams.rules import analysis_plan
from services.monitoring.exams.undergraduate import CATEGORY, PROFESSIONAL, categories_of
from shared.policy.undergraduate_rate import undergraduate_rate
from shared.scoring.conversion.tracks import TrackSheet
from shared.scoring.cut_lines.composite import Composite
from shared.scoring.cut_lines.lines import CutLine, draw_lines
from shared.scoring.cut_lines.undergraduate import CategoryPart, comprehensive_rates
from shared.scoring.levels import KEY_COLUMNS, index_groups
from shared.scoring.subjects import TOTAL
from shared.scoring.summaries.mark_histogram import gather_histogram
from shared.terms.organization import OrgLevel

_FRAMES = ("undergraduate_rates",)
_KEYS = ("category", "level", *KEY_COLUMNS)


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    if definition.get("undergraduate"):
        needs = track_needs(inputs) | {"undergraduate": _settings(definition["undergraduate"])}
        yield Task("undergraduate", needs, _compute)


def _settings(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What figures follow from: names do not."""
    names = ("name_zh", "name_en")
    kept = [{name: value for name, value in category.items() if name not in names} for category in entry["categories"]]
    return {"categories": kept, "is_verified": undergraduate_rate().is_verified}


def _compute(source: Source) -> Frames:
    definition = source.inputs["definition"]
    plan = analysis_plan(definition)
    rows = source.sheet().beside
    given = rows.select("candidate_id", *(name for name in (CATEGORY, PROFESSIONAL) if name in rows.columns))
    if PROFESSIONAL not in given.columns:
        given = given.with_columns(pl.lit(None, pl.Int32).alias(PROFESSIONAL))
    parts = []
    for track in tracks_of(source, plan).values():
        frame = track.sheet.frame.select("candidate_id", *KEY_COLUMNS, TOTAL)
        joined = frame.join(given, on="candidate_id", how="left", maintain_order="left")
        for code, (composite, lines) in categories_of(definition).items():
            own = joined.filter(pl.col(CATEGORY) == code)
            if not own.is_empty():
                parts.append(_part(code, own, track, composite, lines))
    # The city alone: below it the rate would be a school's, which nobody may be judged by.
    rates = comprehensive_rates(parts, levels=(OrgLevel.CITY,), min_n=plan.min_n)
    if rates.is_empty():
        return {}
    verified = pl.lit(undergraduate_rate().is_verified).alias("definition_verified")
    return {"undergraduate_rates": rates.with_columns(verified).sort(_KEYS)}


def _part(
    code: str, own: pl.DataFrame, track: TrackSheet, composite: Composite, lines: tuple[CutLine, ...]
) -> CategoryPart:
    units = composite.units(track.total, marks=pl.col(TOTAL), professional=pl.col(PROFESSIONAL))
    keys, index = index_groups(own.select(KEY_COLUMNS))
    histogram = gather_histogram(
        keys, index, own.select(units.alias(TOTAL))[TOTAL], subject=composite.grid(track.total)
    )
    [line] = draw_lines(lines, histogram, track=track.track)
    return CategoryPart(code, histogram, line)


PART = Part("undergraduate", _FRAMES, _tasks)
