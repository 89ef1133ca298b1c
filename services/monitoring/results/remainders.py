"""What a school could learn by subtracting itself: aggregates whose rest would be another school's figures.

A school knows its own figures. Where an aggregate that it is shown holds only one school beside it, the rest of the
aggregate is that school's; where fewer than ``min_n`` candidates remain, the rest is a small group. Both are withheld from
the school, whatever they are called in the frames: rows of the county and the city, and the figures of its own row that
are relative to all schools (value added, funnel, comparison) and add up over them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from services.monitoring.results.catalog import TABLES, Audience
from shared.policy.visibility import ResultVisibility
from shared.scoring.subjects import TOTAL
from shared.terms.organization import OrgLevel

Scan = Callable[[str], pl.LazyFrame]
_SCHOOL = "school_code"


def withheld_rows(name: str, scan: Scan, *, visibility: ResultVisibility, min_n: int) -> pl.DataFrame:
    """Key values of the rows of a frame that a school must not see.

    Args:
        name: the frame.
        scan: gives any frame of the same result set, unfiltered.
        visibility: the caller's; above schools nothing is withheld here.
        min_n: smallest group whose figures leave its school.

    Returns:
        One row per combination of key columns to withhold; empty for callers above schools.
    """
    own = visibility.own_school
    if own is None:
        return pl.DataFrame()
    rest = _Rest(own, visibility.least_other_schools, min_n)
    table = TABLES[name]
    if table.of_schools:
        return rest.telling(_schools(scan("companions"), table.family), table.family)
    if table.family and table.level is OrgLevel.SCHOOL:
        return rest.telling(_schools(scan(name), table.family), table.family)
    if name == "transitions":
        schools = scan(name).filter(pl.col("level") == OrgLevel.SCHOOL.value)
        counted = schools.group_by("model", "intake", _SCHOOL).agg(pl.col("count").sum().alias("n")).collect()
        return rest.telling(counted, ("model", "intake")).with_columns(pl.lit(OrgLevel.CITY.value).alias("level"))
    named = table.audience is Audience.OWN_CANDIDATES
    if table.of_items:
        telling = telling_aggregates(_of_item_sheets(scan), area=visibility.area, rest=rest)
        city = pl.col("level") == OrgLevel.CITY.value
        return telling.filter(city).drop("level") if table.level is OrgLevel.CITY else telling
    if table.level is not None and not named:
        return pl.DataFrame()
    telling = telling_aggregates(scan("summary"), area=visibility.area, rest=rest)
    if named or "subject" in table.keys:
        return telling
    return telling.filter(pl.col("subject") == TOTAL).select("level")


def _of_item_sheets(scan: Scan) -> pl.LazyFrame:
    """Candidates whose items are known, by group and subject: fewer schools may have sent items than marks."""
    whole = scan("item_attainment").filter(pl.col("aspect") == TOTAL)
    return whole.with_columns(pl.lit("outcome").alias("role"))


class _Rest:
    def __init__(self, own_school: str, least_schools: int, min_n: int) -> None:
        self.own_school = own_school
        self.least_schools = least_schools
        self.min_n = min_n

    def telling(self, schools: pl.DataFrame, family: Sequence[str]) -> pl.DataFrame:
        """Families in which something, but too little, remains without the own school."""
        others = schools.filter(pl.col("n") > 0, pl.col(_SCHOOL) != self.own_school)
        counted = others.group_by(list(family)).agg(pl.len().alias("schools"), pl.col("n").sum())
        few = (pl.col("schools") < self.least_schools) | (pl.col("n") < self.min_n)
        return counted.filter(few).select(family).sort(family)


def telling_aggregates(summary: pl.LazyFrame, *, area: str, rest: _Rest) -> pl.DataFrame:
    """``level`` and ``subject`` of the aggregates above a school that would tell about another one.

    From the county the own school can be subtracted; from the city the own county too, where it is shown. The total is
    a sum over subjects and is withheld where one of them is.
    """
    schools = (
        summary.filter(pl.col("level") == OrgLevel.SCHOOL.value)
        .select("county_code", _SCHOOL, "subject", "role", pl.col("n_sat").alias("n"))
        .collect()
    )
    inside = pl.col("county_code") == area
    county = _with_total(rest.telling(schools.filter(inside), ["subject"]), schools)
    outside = rest.telling(schools.filter(~inside), ["subject"]).join(county, on="subject", how="anti")
    city = _with_total(pl.concat([outside, rest.telling(schools, ["subject"])]).unique(), schools)
    return pl.concat(
        [
            county.select(pl.lit(OrgLevel.COUNTY.value).alias("level"), "subject"),
            city.select(pl.lit(OrgLevel.CITY.value).alias("level"), "subject"),
        ]
    ).sort("level", "subject")


def _with_total(subjects: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    outcomes = schools.filter(pl.col("role") == "outcome").select("subject").unique()
    if subjects.join(outcomes, on="subject", how="semi").is_empty():
        return subjects
    return pl.concat([subjects, pl.DataFrame({"subject": [TOTAL]})]).unique()


def _schools(frame: pl.LazyFrame, family: Sequence[str]) -> pl.DataFrame:
    """Candidates of every school in every family, counted once."""
    return frame.group_by(*family, _SCHOOL).agg(pl.col("n").max()).collect()


def is_one_of(keys: pl.DataFrame) -> pl.Expr:
    """Whether a row's key is among ``keys``; they are few, and an expression can be pushed down to the file."""
    matches = [
        pl.all_horizontal(pl.col(column).eq_missing(pl.lit(value, pl.String)) for column, value in row.items())
        for row in keys.iter_rows(named=True)
    ]
    return pl.any_horizontal(matches) if matches else pl.lit(value=False)
