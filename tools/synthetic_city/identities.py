"""Test identities: numbers of the unassigned region 990001 with right check characters, and names.

A number is made from a person's place in a count, so uniqueness needs no memory: places are scattered over the days of a
birth span and the 500 serials that each sex has on one day (odd for men, GB 11643-1999).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tools.synthetic_city.streams import Integers, Streams

REGION = 990001
SERIALS = 500
_STRIDE = 104_729
"""A prime that divides no capacity used here: neighbors in a class are born on days far apart."""
_CHECK_CHARACTERS = pl.Series(list("10X98765432"))
_WEIGHTS = np.array([2 ** (18 - position) % 11 for position in range(1, 18)])
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    "安柏晨承楚川丹德东方芳菲枫歌光海涵航和恒华嘉江杰金静军君凯岚磊立林玲岭梅敏"
    "明宁平琪青清仁荣蕊山书松泰涛天彤文曦霞翔欣星秀雪妍阳怡宇园月云泽哲真正志舟竹"
)


def citizen_numbers(place: Integers, is_male: NDArray[np.bool_], *, first_day: NDArray[Any], days: int) -> pl.DataFrame:
    """Citizen numbers of people by their place in a count.

    Args:
        place: distinct whole numbers from 0 among people with the same ``first_day``.
        is_male: sex of each.
        first_day: first day of each one's birth span, as ``datetime64[D]``.
        days: length of the span.

    Returns:
        ``number`` (18 characters) and ``birth_date``.

    Raises:
        ValueError: more people than numbers.
    """
    capacity = days * SERIALS
    if len(place) and int(place.max()) >= capacity:
        raise ValueError(f"{int(place.max()) + 1} people share a birth span of {days} days that has {capacity} numbers")
    slot = place * _STRIDE % capacity
    born = first_day + (slot % days).astype("timedelta64[D]")
    serial = 2 * (slot // days) + is_male
    dates = pl.Series("birth_date", born.astype("datetime64[ms]")).cast(pl.Date)
    day = (dates.dt.year().cast(pl.Int64) * 10_000 + dates.dt.month().cast(pl.Int64) * 100 + dates.dt.day()).to_numpy()
    first_17 = (REGION * 10**8 + day) * 1000 + serial
    number = pl.Series(first_17).cast(pl.String) + check_characters(first_17)
    return pl.DataFrame([number.alias("number"), dates])


def check_characters(first_17: Integers) -> pl.Series:
    """Check characters of many numbers of 17 digits; agrees with ``shared.terms.identity_number``."""
    rest, total = first_17.copy(), np.zeros(len(first_17), np.int64)
    for weight in _WEIGHTS[::-1]:
        rest, digit = np.divmod(rest, 10)
        total += weight * digit
    return _CHECK_CHARACTERS.gather(total % 11)


def names(streams: Streams, stream: str, place: NDArray[Any]) -> pl.Series:
    """Names of two or three characters."""
    surname = pl.Series(list(_SURNAMES)).gather(streams.below(f"{stream}.surname", place, len(_SURNAMES)))
    given = pl.Series(list(_GIVEN))
    first = given.gather(streams.below(f"{stream}.given", place, len(_GIVEN)))
    second = pl.Series(["", *_GIVEN]).gather(
        np.maximum(streams.below(f"{stream}.second", place, len(_GIVEN) + 30) - 29, 0)
    )
    return (surname + first + second).alias("name")


def day(year: int, month: int, number: int) -> np.datetime64:
    """A day as NumPy counts them."""
    return np.datetime64(dt.date(year, month, number), "D")
