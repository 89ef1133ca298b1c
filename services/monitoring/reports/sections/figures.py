"""Participation, mean, spread and rates of groups, and how far they are from the group that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from services.monitoring.reports.rules import ReportLevel, Scope, opposite, verdict
from services.monitoring.reports.shown import ShownTables, statistic
from services.monitoring.results.figures import rows_as_json
from shared.scoring.gaps import Gap, MeanOf, RateOf, mean_gap, rate_gap
from shared.scoring.levels import KEY_COLUMNS, LEVELS
from shared.scoring.methods import GROUP_GAP
from shared.scoring.plan import Direction
from shared.terms.organization import OrgLevel

QUANTILES = ("p10", "p25", "p50", "p75", "p90")
_COUNTS = ("n_registered", "n_sat", "n_absent", "n_void", "n_exempt", "n_not_entered")
_MEAN = ("mean", "sd", "se_mean", "mean_ci_low", "mean_ci_high", "score_rate", "min", "max")
Group = dict[str, Any]


def own_groups(tables: ShownTables, scope: Scope, subject: str) -> list[Group]:
    """The groups the report is about, in the order asked for."""
    level = scope.level.of_groups
    wanted = [_at(level), pl.col("subject") == subject]
    if scope.county_code is not None:
        wanted.append(pl.col("county_code") == scope.county_code)
    if scope.school_code is not None:
        wanted.append(pl.col("school_code") == scope.school_code)
    if scope.class_codes:
        wanted.append(pl.col("class_code").is_in(list(scope.class_codes)))
    found = _groups(tables, wanted)
    order = {code: place for place, code in enumerate(scope.class_codes)}
    return sorted(found, key=lambda group: order.get(group["class_code"], 0))


def references(tables: ShownTables, group: Group, subject: str) -> list[Group]:
    """The groups that hold a group, from the nearest outwards."""
    outer = LEVELS[: LEVELS.index(OrgLevel(group["level"]))]
    if not outer:
        return []
    wanted = [pl.col("subject") == subject, pl.any_horizontal(_holds(level, group) for level in outer)]
    found = {row["level"]: row for row in _groups(tables, wanted)}
    return [found[level.value] for level in reversed(outer) if level.value in found]


def members(tables: ShownTables, group: Group, subject: str) -> list[Group]:
    """The groups one level below, in the order of their codes: never ranked."""
    level = OrgLevel(group["level"])
    if level is OrgLevel.CLASS:
        return []
    inner = LEVELS[LEVELS.index(level) + 1]
    wanted = [_at(inner), pl.col("subject") == subject]
    if level is not OrgLevel.CITY:
        wanted.append(pl.col("county_code") == group["county_code"])
    if level is OrgLevel.SCHOOL:
        wanted.append(pl.col("school_code") == group["school_code"])
    return _groups(tables, wanted)


def with_gaps(group: Group, outer: Sequence[Group]) -> Group:
    """A group with its distance to each group that holds it and whose figures are shown."""
    return {**group, "gaps": [_gaps(group, whole) for whole in outer if whole["mean"]["value"] is not None]}


def main_reference(level: ReportLevel, outer: Sequence[Group]) -> Group | None:
    """The widest group whose figures are shown: what strengths and gaps are told against."""
    shown = [group for group in outer if group["mean"]["value"] is not None]
    return shown[-1] if shown and level is not ReportLevel.CITY else None


def _groups(tables: ShownTables, wanted: Sequence[pl.Expr]) -> list[Group]:
    rates = tables.definition["rates"]
    columns = [
        "level",
        *KEY_COLUMNS,
        "subject",
        "suppressed",
        "suppression",
        *_COUNTS,
        "participation_rate",
        *_MEAN,
        *QUANTILES,
    ]
    columns += list(_rate_columns(rates))
    frame = tables.rows("summary", *wanted, columns=columns)
    return [_group(row, rates) for row in rows_as_json("summary", frame)]


def _rate_columns(rates: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for rate in rates:
        for name in (f"{rate['code']}_rate", f"{rate['code']}_rate_registered"):
            yield from (name, f"{name}_se", f"{name}_ci_low", f"{name}_ci_high")


def _group(row: Mapping[str, Any], rates: Sequence[Mapping[str, Any]]) -> Group:
    counts = {name: row[name] for name in _COUNTS}
    return {
        **{name: row[name] for name in ("level", *KEY_COLUMNS, "suppressed")},
        "name_zh": None,
        "participation": {**counts, "participation_rate": row["participation_rate"]},
        **{name: row[name] for name in ("mean", "sd", "score_rate", "min", "max")},
        "quantiles": {name: row[name] for name in QUANTILES},
        "rates": [
            {
                **{name: rate[name] for name in ("code", "threshold", "direction")},
                "of_present": row[f"{rate['code']}_rate"],
                "of_registered": row[f"{rate['code']}_rate_registered"],
            }
            for rate in rates
        ],
        "gaps": [],
        "estimate": None,
    }


def _gaps(group: Group, whole: Group) -> dict[str, Any]:
    mean = None
    if group["mean"]["value"] is not None:
        mean = mean_gap(_mean(group), _mean(whole))
    pairs = zip(group["rates"], whole["rates"], strict=True)
    return {
        "reference": whole["level"],
        "mean": _difference(mean, group),
        "participation": _difference(_participation_gap(group, whole), group),
        "rates": [{"code": own["code"], **_rate_difference(own, outer, group)} for own, outer in pairs],
    }


def _rate_difference(own: Mapping[str, Any], outer: Mapping[str, Any], group: Group) -> dict[str, Any]:
    found = _difference(_rate_gap(own, outer), group)
    # Of a rate that counts downward less is better.
    return {**found, "verdict": opposite(found["verdict"])} if own["direction"] == Direction.BELOW else found


def _participation_gap(group: Group, whole: Group) -> Gap | None:
    own, outer = (of["participation"]["participation_rate"] for of in (group, whole))
    return _rate_gap({"of_present": own}, {"of_present": outer})


def _mean(group: Group) -> MeanOf:
    return MeanOf(group["participation"]["n_sat"], group["mean"]["value"], group["sd"]["value"])


def _rate_gap(own: Mapping[str, Any], outer: Mapping[str, Any]) -> Gap | None:
    inner, whole = own["of_present"], outer["of_present"]
    if inner["value"] is None or whole["value"] is None:
        return None
    return rate_gap(RateOf(inner["n"], inner["value"]), RateOf(whole["n"], whole["value"]))


def _difference(gap: Gap | None, group: Group) -> dict[str, Any]:
    if gap is None:
        return {"gap": statistic(None, GROUP_GAP, suppressed=group["suppressed"]), "verdict": None}
    n = group["participation"]["n_sat"]
    return {"gap": statistic(gap.value, GROUP_GAP, n=n, se=gap.se, ci=gap.ci), "verdict": verdict(gap.ci)}


def _at(level: OrgLevel) -> pl.Expr:
    return pl.col("level") == level.value


def _holds(level: OrgLevel, group: Group) -> pl.Expr:
    keys = {OrgLevel.CITY: (), OrgLevel.COUNTY: ("county_code",), OrgLevel.SCHOOL: ("county_code", "school_code")}
    return pl.all_horizontal(_at(level), *(pl.col(key) == group[key] for key in keys.get(level, ())))
