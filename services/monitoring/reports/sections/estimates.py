"""Figures of a city or county of which a sample was drawn: estimates for all its pupils, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from services.monitoring.reports.rules import ReportLevel, Scope
from services.monitoring.reports.sections.figures import QUANTILES, Group
from services.monitoring.reports.shown import ShownTables, statistic
from services.monitoring.results.catalog import TABLES
from services.monitoring.samples.rules import is_drawn_sample
from shared.terms.organization import OrgLevel

FRAME = "sample_estimates"
_CITY, _COUNTY = OrgLevel.CITY.value, OrgLevel.COUNTY.value
_COUNTS = ("n_registered", "n_absent", "n_void", "n_exempt", "n_not_entered")


def rests_on_estimates(tables: ShownTables, level: ReportLevel) -> bool:
    """Whether the groups of a report were examined by a drawn sample: plain figures of them are nobody's."""
    is_above = level in (ReportLevel.CITY, ReportLevel.COUNTY)
    return is_above and is_drawn_sample(tables.definition) and tables.has(FRAME)


def own_groups(tables: ShownTables, scope: Scope, subject: str) -> list[Group]:
    """The group the report is about, if its estimates are shown."""
    if scope.county_code is None:
        return _groups(tables, subject, pl.col("level") == _CITY)
    return _groups(tables, subject, pl.col("level") == _COUNTY, pl.col("county_code") == scope.county_code)


def references(tables: ShownTables, group: Group, subject: str) -> list[Group]:
    """The city's estimates beside a county's; a county is part of the city's sample, so no distance is given."""
    return [] if group["level"] == _CITY else _groups(tables, subject, pl.col("level") == _CITY)


def members(tables: ShownTables, group: Group, subject: str) -> list[Group]:
    """Counties of a city, in the order of their codes; schools of a sample stand for others and are not listed."""
    return _groups(tables, subject, pl.col("level") == _COUNTY) if group["level"] == _CITY else []


def _groups(tables: ShownTables, subject: str, *wanted: pl.Expr) -> list[Group]:
    rows = tables.rows(FRAME, pl.col("subject") == subject, *wanted)
    places: dict[tuple[str, str | None], dict[str, Mapping[str, Any]]] = {}
    for row in rows.sort("level", "county_code").iter_rows(named=True):
        places.setdefault((row["level"], row["county_code"]), {})[row["metric"]] = row
    rates = tables.definition["rates"]
    return [_group(level, county, metrics, rates) for (level, county), metrics in places.items()]


def _group(
    level: str, county: str | None, metrics: Mapping[str, Mapping[str, Any]], rates: Sequence[Mapping[str, Any]]
) -> Group:
    mean = metrics["mean"]
    unknown = statistic(None, TABLES[FRAME].method)
    return {
        "level": level,
        "county_code": county,
        "school_code": None,
        "class_code": None,
        "suppressed": bool(mean["suppressed"]),
        "name_zh": None,
        "participation": {
            **dict.fromkeys(_COUNTS),
            "n_sat": mean["n"],
            "participation_rate": unknown,
        },
        **{name: _estimate(metrics.get(name)) for name in ("mean", "sd", "score_rate")},
        "min": unknown,
        "max": unknown,
        "quantiles": {name: _estimate(metrics.get(name)) for name in QUANTILES},
        "rates": [
            {
                **{name: rate[name] for name in ("code", "threshold", "direction")},
                "of_present": _estimate(metrics.get(f"{rate['code']}_rate")),
                "of_registered": unknown,
            }
            for rate in rates
        ],
        "gaps": [],
        "estimate": {name: mean[name] for name in ("n", "schools", "population", "design_effect", "variance_method")},
    }


def _estimate(row: Mapping[str, Any] | None) -> dict[str, Any]:
    method = TABLES[FRAME].method
    if row is None:
        return statistic(None, method)
    ci = (row["ci_low"], row["ci_high"])
    return statistic(row["estimate"], method, n=row["n"], se=row["se"], ci=ci, suppressed=row["suppressed"])
