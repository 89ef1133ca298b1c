"""Staff of every school, at national pupil-teacher ratios: 16.2 in primary, 13 in junior and 12.66 in senior secondary."""

from __future__ import annotations

import numpy as np
import polars as pl

from tools.synthetic_city.identities import citizen_numbers, day, names
from tools.synthetic_city.streams import Streams

PUPILS_PER_TEACHER = np.array([16.2, 13.0, 12.66])
_FIRST_BIRTH, _BIRTH_DAYS = day(1965, 1, 1), 38 * 365
_TITLES = ("senior_full", "senior", "first", "second", "third", "none")
_TITLE_SHARES = np.array([0.002, 0.2, 0.4, 0.3, 0.05, 0.048])
_EDUCATION = ("14", "21", "31")
_EDUCATION_SHARES = np.array([0.05, 0.75, 0.2])


def staff_table(streams: Streams, schools: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    """Staff as the roster imports them, school by school; the first of each school leads it."""
    pupils, school = grades["n"].to_numpy(), grades["school"].to_numpy()
    needed = np.bincount(school, weights=pupils / PUPILS_PER_TEACHER[grades["stage"].to_numpy()])
    classes = np.bincount(school, weights=grades["class_count"].to_numpy()).astype(np.int64)
    count = np.maximum(np.ceil(needed).astype(np.int64), 2)
    owner = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(owner))
    within = place - np.repeat(np.cumsum(count) - count, count)
    male = streams.uniform("staff.sex", place) < 0.45
    first_day = np.full(len(place), _FIRST_BIRTH)
    numbers = citizen_numbers(place, male, first_day=first_day, days=_BIRTH_DAYS)
    post = np.where(within == 0, "31", np.where(within <= classes[owner], "23", "10"))
    title = np.searchsorted(_TITLE_SHARES.cumsum()[:-1], streams.uniform("staff.title", place))
    education = np.searchsorted(_EDUCATION_SHARES.cumsum()[:-1], streams.uniform("staff.education", place))
    return pl.DataFrame(
        [
            numbers["number"].alias("citizen_number"),
            names(streams, "staff", place),
            pl.Series("sex", np.where(male, "1", "2")),
            schools["school_code"].gather(owner),
            pl.Series("status", np.full(len(place), "active")),
            pl.Series("staffing_category", np.where(within == 0, "2", "1")),
            pl.Series("post", post),
            pl.Series("professional_title", np.array(_TITLES)[title]),
            pl.Series("education_level", np.array(_EDUCATION)[education]),
        ]
    )
