"""Comprehensive undergraduate rate (本科综合上线率): every category on its own composite and line (SCORING §5.2).

No official definition exists, so the categories, their lines and the base are data, and every row names them.
Observation only, by the city and of the city as a whole: never broken down into targets, scored, rewarded or made a
quota for schools.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.cut_lines.lines import DrawnLine
from shared.scoring.cut_lines.rates import share_columns
from shared.scoring.disclosure import Suppression, mark_suppressed
from shared.scoring.levels import KEY_COLUMNS, LEVELS
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel

ALL_CATEGORIES = "all"


@dataclass(frozen=True, slots=True)
class CategoryPart:
    """The candidates of one category in one track.

    Args:
        category: e.g. ``general``, ``arts``, ``sports``.
        composite: merged histogram by class of the category's own composite mark, each candidate in one part only.
        line: the category's own undergraduate line, on the same grid.
    """

    category: str
    composite: MarkHistogram
    line: DrawnLine


def require_one_category(candidates: pl.DataFrame) -> None:
    """Checks that nobody is counted in two categories.

    Args:
        candidates: ``candidate_id`` and ``category`` of all candidates of all categories, one row each.

    Raises:
        DomainError: ``scoring.sheet_invalid`` with the candidates who stand twice.
    """
    twice = candidates.filter(pl.col("candidate_id").is_duplicated())["candidate_id"].unique().sort()
    if len(twice):
        faults = [Fault("scoring.candidate_twice", source_id=name) for name in twice.head(1000)]
        raise DomainError("scoring.sheet_invalid", params={"count": len(twice)}, faults=faults, fault_count=len(twice))


def comprehensive_rates(
    parts: Sequence[CategoryPart], *, levels: Sequence[OrgLevel] = LEVELS, min_n: int = 10
) -> pl.DataFrame:
    """Candidates of all categories who reach their own line, over all registered; observation only.

    ``rate_registered = Σ online / Σ registered`` and ``rate = Σ online / Σ sat``, each with ``√(p(1−p)/n)`` and Wilson's
    95 % interval; null on an empty base. Rows of the single categories stand beside the row ``all`` for the city
    only, and if one of them is small all of them are withheld: ``all`` minus the others would give it away.

    Args:
        parts: one per category and track; a category without candidates is simply left out.
        levels: levels reported.
        min_n: smallest group shown outside its school.

    Returns:
        ``level``, keys, ``category, definition`` (the lines used: ``category/track/line>=mark``), ``n_registered, n_sat,
        n_online``, the rates, ``suppressed, suppression``; sorted by category and key.

    Raises:
        DomainError: ``scoring.lines_invalid`` where a line lies on another grid than its category's composite, or a
            category is named ``all``.
    """
    faults = [
        Fault("scoring.line_definition", value=part.category)
        for part in parts
        if part.line.total != part.composite.subject
    ]
    faults += [
        Fault("scoring.plan_reserved_name", value=part.category) for part in parts if part.category == ALL_CATEGORIES
    ]
    if faults:
        raise DomainError("scoring.lines_invalid", faults=faults)
    if not parts:
        return pl.DataFrame()
    counts = pl.concat(_counts(part, level) for part in parts for level in levels)
    keys = ["level", *KEY_COLUMNS, "category", "definition"]
    whole = counts.with_columns(
        pl.lit(ALL_CATEGORIES).alias("category"), pl.lit("; ".join(map(_definition, parts))).alias("definition")
    )
    single = counts.filter(pl.col("level") == OrgLevel.CITY.value)
    single = single.with_columns(_joined(parts, single["category"]))
    summed = pl.concat([whole, single]).group_by(keys).agg(pl.col("n_registered", "n_sat", "n_online").sum()).sort(keys)
    online = summed["n_online"].to_numpy()
    rated = summed.with_columns(
        share_columns("rate", online, summed["n_sat"].to_numpy())
        + share_columns("rate_registered", online, summed["n_registered"].to_numpy())
    )
    flagged = mark_suppressed(rated, min_n=min_n, by=["category"])
    return _withheld_together(flagged).sort("category", "level", *KEY_COLUMNS)


def _withheld_together(flagged: pl.DataFrame) -> pl.DataFrame:
    single = pl.col("category") != ALL_CATEGORIES
    beside = single & (pl.col("suppressed") & single).any() & ~pl.col("suppressed")
    return flagged.with_columns(
        (pl.col("suppressed") | beside).alias("suppressed"),
        pl.when(beside)
        .then(pl.lit(Suppression.COMPLEMENTARY.value))
        .otherwise(pl.col("suppression"))
        .alias("suppression"),
    )


def _counts(part: CategoryPart, level: OrgLevel) -> pl.DataFrame:
    view = MarkView(part.composite.at_level(level))
    return view.keys.select(
        pl.lit(level.value).alias("level"),
        pl.all(),
        pl.lit(part.category).alias("category"),
        pl.lit("").alias("definition"),
        pl.Series("n_registered", view.registered_count),
        pl.Series("n_sat", view.sat_count),
        pl.Series("n_online", view.count_reaching(part.line.units)),
    )


def _definition(part: CategoryPart) -> str:
    line = part.line.line
    return f"{part.category}/{line.track}/{line.code}>={float(part.line.mark):g}"


def _joined(parts: Sequence[CategoryPart], category: pl.Series) -> pl.Series:
    names = {part.category for part in parts}
    texts = {name: "; ".join(_definition(part) for part in parts if part.category == name) for name in names}
    return category.replace_strict(texts, return_dtype=pl.String).alias("definition")
