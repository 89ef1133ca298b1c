"""Areas, schools, grades and classes: the small tables from which everything about pupils follows by arithmetic.

Shares of schools and pupils by stage are those of Bijie in 2020 (1,673 primary schools with 867,000 pupils, 391 junior
secondary schools with 402,000, 84 senior secondary schools with 204,000). How pupils are spread over the ten areas and
over town and country is of a plausible shape, not a statistic.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from shared.terms.codes import code_lists
from shared.terms.education import Stage
from shared.terms.regions import regions
from tools.synthetic_city.streams import Floats, Integers, Streams, apportion

STAGES = tuple(Stage)
FIRST_GRADE = np.array([1, 7, 10])
GRADES = np.array([6, 3, 3])
STAGE_SCHOOLS = np.array([1673.0, 391.0, 84.0])
STAGE_PUPILS = np.array([867.0, 402.0, 204.0])
CLASS_SIZE = np.array([45, 50, 55])
AREAS: Mapping[str, float] = {
    "520502": 0.19,
    "520521": 0.11,
    "520523": 0.08,
    "520524": 0.12,
    "520525": 0.10,
    "520526": 0.19,
    "520527": 0.09,
    "520581": 0.09,
    "5205B1": 0.01,
    "5205J1": 0.02,
}
"""Rough share of schools per area."""
URBAN_RURAL = ("111", "112", "121", "122", "210", "220")
#: Share of schools by urban or rural type, per stage.
_URBAN_SHARES = np.array(
    [
        [0.04, 0.04, 0.14, 0.08, 0.22, 0.48],
        [0.08, 0.07, 0.35, 0.12, 0.35, 0.03],
        [0.35, 0.10, 0.55, 0.00, 0.00, 0.00],
    ]
)
#: Size relative to the mean of the stage, and mean poverty rate, by urban or rural type.
_URBAN_SIZE = np.array([3.5, 2.2, 2.4, 1.3, 0.9, 0.4])
_URBAN_POVERTY = np.array([0.05, 0.09, 0.14, 0.18, 0.27, 0.38])
_SIZE_SPREAD = np.array([0.7, 0.5, 0.45])
_TYPE_OF_STAGE = ("211", "311", "342")
TEACHING_POINT, NINE_YEAR, COMPLETE = "218", "312", "341"
_STAGE_WORDS = ("小学", "初级中学", "高级中学")


def school_table(streams: Streams, *, schools: int) -> pl.DataFrame:
    """All schools, by area and stage.

    Returns:
        ``school_code, name, county_code, school_type, urban_rural, ownership, stage`` (index of the main stage),
        ``poverty_rate, entry_level`` (standardized poverty) and ``size`` (relative), one row per school.
    """
    shares = np.maximum(np.rint(STAGE_SCHOOLS / STAGE_SCHOOLS.sum() * schools), len(AREAS)).astype(np.int64)
    shares[0] = schools - shares[1:].sum()
    weights = np.array(list(AREAS.values()))
    cells = np.array([apportion(weights, int(share), minimum=1) for share in shares])
    stage = np.repeat(np.arange(3), shares)
    county = np.concatenate([np.repeat(np.arange(len(AREAS)), row) for row in cells])
    order = np.lexsort((stage, county))
    stage, county = stage[order], county[order]
    place = np.arange(schools)
    urban = (streams.uniform("school.urban", place)[:, None] > _URBAN_SHARES.cumsum(axis=1)[stage]).sum(axis=1)
    urban = np.minimum(urban, len(URBAN_RURAL) - 1)
    size = _URBAN_SIZE[urban] * np.exp(_SIZE_SPREAD[stage] * streams.normal("school.size", place))
    school_type = _school_types(streams, stage, urban)
    size = np.where(school_type == TEACHING_POINT, size * 0.3, size)
    logit = np.log(_URBAN_POVERTY[urban] / (1 - _URBAN_POVERTY[urban]))
    poverty = 1 / (1 + np.exp(-logit - 0.4 * streams.normal("school.poverty", place)))
    prefixes = pl.Series(school_type).str.slice(0, 2)
    names = {region.code: region.name["zh"] for region in regions(include_test=False)}
    county_code = pl.Series(list(AREAS)).gather(county)
    number = pl.Series(place + 1).cast(pl.String).str.zfill(4)
    return pl.DataFrame(
        {
            "school_code": prefixes + "529" + pl.Series(place + 1).cast(pl.String).str.zfill(5),
            "name": county_code.replace_strict(names) + "测试" + pl.Series(_STAGE_WORDS).gather(stage) + number,
            "county_code": county_code,
            "school_type": school_type,
            "urban_rural": pl.Series(URBAN_RURAL).gather(urban),
            "ownership": np.where(streams.uniform("school.ownership", place) < 0.05, "22", "21"),
            "stage": stage,
            "poverty_rate": np.round(poverty, 4),
            "size": size,
        }
    )


def grade_table(schools: pl.DataFrame, *, pupils: int) -> pl.DataFrame:
    """One row per school and grade: ``school`` (row of the school), ``grade_level, stage, n, class_count, area``.

    Nine-year schools have primary grades too, complete secondary schools junior ones, each half their main size.
    """
    kind, main = schools["school_type"].to_numpy(), schools["stage"].to_numpy()
    row = np.arange(schools.height)
    lower = (kind == NINE_YEAR) | (kind == COMPLETE)
    school = np.concatenate([row, row[lower]])
    stage = np.concatenate([main, main[lower] - 1])
    size = schools["size"].to_numpy()
    weight = np.concatenate([size, size[lower] / 2])
    totals = apportion(STAGE_PUPILS, pupils, minimum=0)
    n = np.zeros(len(school), np.int64)
    for index, total in enumerate(totals):
        here = stage == index
        n[here] = apportion(weight[here], int(total), minimum=2 * int(GRADES[index]))
    repeats = GRADES[stage]
    cell = np.repeat(np.arange(len(school)), repeats)
    within = np.arange(len(cell)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    grades = repeats[cell]
    in_grade = n[cell] // grades + (within < n[cell] % grades)
    table = pl.DataFrame(
        {
            "school": school[cell],
            "grade_level": FIRST_GRADE[stage[cell]] + within,
            "stage": stage[cell],
            "n": in_grade,
            "class_count": -(-in_grade // CLASS_SIZE[stage[cell]]),
        }
    )
    areas = schools.select(pl.col("county_code").rank("dense").cast(pl.Int64).alias("area") - 1)["area"]
    return table.with_columns(areas.gather(table["school"]).alias("area")).sort("school", "grade_level")


def class_table(grades: pl.DataFrame) -> pl.DataFrame:
    """One row per class: ``cell`` (row of the grade), ``school, grade_level, number, class_code``, ``n``."""
    count = grades["class_count"].to_numpy()
    cell = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(cell)) - np.repeat(np.cumsum(count) - count, count)
    size, classes = grades["n"].to_numpy()[cell], count[cell]
    # Pupil k of n sits in class k·C div n: this many in each.
    n = -(-(number + 1) * size // classes) - (-(-number * size // classes))
    grade = grades["grade_level"].gather(cell)
    return pl.DataFrame(
        {
            "cell": cell,
            "school": grades["school"].gather(cell),
            "grade_level": grade,
            "number": number + 1,
            "class_code": class_codes(grade, number + 1),
            "n": n,
        }
    )


def class_codes(grade_level: pl.Series, number: Integers) -> pl.Series:
    """Codes such as ``0703``: grade 7, class 3."""
    return grade_level.cast(pl.String).str.zfill(2) + pl.Series(number).cast(pl.String).str.zfill(2)


def roster_schools(schools: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    """Schools as the roster imports them."""
    stages = (
        grades.select("school", pl.Series([stage.value for stage in STAGES]).gather(grades["stage"]).alias("stages"))
        .unique(maintain_order=True)
        .group_by("school", maintain_order=True)
        .agg("stages")
        .sort("school")["stages"]
        .list.join(";")
    )
    poverty = pl.col("poverty_rate").cast(pl.String)
    return schools.select(
        "school_code",
        "name",
        "county_code",
        "school_type",
        "urban_rural",
        "ownership",
        stages,
        pl.concat_str(pl.lit('{"poverty_rate": '), poverty, pl.lit("}")).alias("attributes"),
    )


def roster_classes(schools: pl.DataFrame, classes: pl.DataFrame, school_years: tuple[str, ...]) -> pl.DataFrame:
    """Classes as the roster imports them; every school has the same classes in each of the years."""
    grade_names = pl.Series([item.zh for item in code_lists()["grade_levels"].items])
    year = classes.select(
        schools["school_code"].gather(classes["school"]),
        "class_code",
        (grade_names.gather(classes["grade_level"] - 1) + "（" + classes["number"].cast(pl.String) + "）班").alias(
            "name"
        ),
        "grade_level",
        class_type=pl.lit("homeroom"),
    )
    return pl.concat(year.with_columns(school_year=pl.lit(name)) for name in school_years)


def entry_levels(streams: Streams, schools: pl.DataFrame, *, poverty_pull: float) -> Floats:
    """Standard level at which each school's pupils enter, correlated ``−poverty_pull`` with its poverty."""
    rate = schools["poverty_rate"].to_numpy()
    deprivation = (rate - rate.mean()) / rate.std()
    chance = streams.normal("school.entry_level", np.arange(schools.height))
    levels: Floats = -poverty_pull * deprivation + np.sqrt(1 - poverty_pull**2) * chance
    return levels


def _school_types(streams: Streams, stage: Integers, urban: Integers) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    draw = streams.uniform("school.type", np.arange(len(stage)))
    village = urban >= URBAN_RURAL.index("210")
    types = np.array(_TYPE_OF_STAGE)[stage]
    types = np.where((stage == 0) & village & (draw < 0.2), TEACHING_POINT, types)
    types = np.where((stage == 1) & (draw < 0.2), NINE_YEAR, types)
    return np.where((stage == 2) & (draw < 0.25), COMPLETE, types)
