"""Scores, bonus points, totals and grades of a year's fitness tests, for any number of pupils at once.

A result earns the score of the best row it meets: nothing is interpolated, and below the last row the score is 0. Results
are compared as whole hundredths of their unit, so that no binary fraction decides at a boundary; what is finer than a
hundredth is rounded to it. A result that lies between two tenths meets the row it has reached: 8.34 s is not 8.3 s.

Standard score = Σ score × weight ÷ 100; total = standard score + bonus points, rounded half up to ``total_decimals`` places
before it is graded. All of it is done in integers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.fitness.standard import BMI, BodyMass, FitnessStandard, Group, Sex

SEX, GRADE, HEIGHT, WEIGHT, EXEMPT = "sex", "grade_level", "height_cm", "weight_kg", "is_exempt"
_HUNDREDTHS = 100
#: More than any result in hundredths: groups lie this far apart in one ascending list.
_SPAN = 10_000_000
_NONE = -1
_SEXES, _LEVELS = tuple(Sex), 12
_BANDS = tuple(BodyMass)

_Integers = NDArray[np.int64]


def fitness_scores(results: pl.DataFrame, standard: FitnessStandard) -> pl.DataFrame:
    """Scores everything there is in a table of results.

    Args:
        results: ``sex`` (``boys``, ``girls``), ``grade_level`` (1 to 12), ``height_cm``, ``weight_kg`` and one column
            per test, numbers in the tests' units, null where a pupil has no result; ``is_exempt`` (optional) for those
            exempted from the tests. Tests that a grade does not take are ignored. Other columns are kept.
        standard: the revision that counts.

    Returns:
        The columns given, and: ``bmi`` (one decimal), ``body_mass`` (band), ``<test>_score`` (0 to 100),
        ``<test>_bonus`` for tests that can earn any, ``standard_score``, ``bonus``, ``total``, ``grade``, and
        ``missing_count`` of tests without a result. Without every result of the grade, and for those exempt, the four
        before it are null.

    Raises:
        ValueError: a sex or grade level that the standard does not know.
    """
    group = _places(results)
    index = _body_mass_index(results)
    bands = _Ladder(standard, _band_steps).find(np.where(index == _NONE, -_SPAN, index * 10), group)
    of_bands = np.array([standard.bmi_scores[band] for band in _BANDS], np.int64)
    scores = {BMI: np.where(bands == _NONE, _NONE, of_bands[bands])}
    bonuses: dict[str, _Integers] = {}
    for code, test in standard.tests.items():
        if code in results.columns:
            sign = -1 if test.less_is_better else 1
            measured = _hundredths(results[code], sign)
            scores[code] = _Ladder(standard, partial(_score_steps, test=code, sign=sign)).find(measured, group)
            if any(code in each.bonus for each in standard.groups.values()):
                ladder = _Ladder(standard, partial(_bonus_steps, test=code, sign=sign))
                bonuses[code] = ladder.find(measured, group)
    named = pl.Series("body_mass", _BANDS, pl.String()).gather(np.maximum(bands, 0))
    return results.with_columns(
        _column("bmi", index, index == _NONE, divisor=10),
        named.set(pl.Series(bands == _NONE), None),
        *(_column(f"{test}_score", values, values == _NONE) for test, values in scores.items()),
        *(_column(f"{test}_bonus", values, values == _NONE) for test, values in bonuses.items()),
        *_totals(results, standard, group, scores, bonuses),
    )


class _Ladder:
    """Steps of all groups in one ascending list: what is found at a place holds from there to the next.

    Args:
        standard: whose groups they are.
        steps_of: first result in hundredths (the better the greater) and what it earns, of one group; ``None`` where
            the group has none.
    """

    def __init__(self, standard: FitnessStandard, steps_of: Callable[[Group], list[tuple[int, int]] | None]) -> None:
        starts, earned = [], []
        for place, key in enumerate((sex, level) for sex in _SEXES for level in range(1, _LEVELS + 1)):
            steps = steps_of(standard.groups[key])
            starts += [2 * place * _SPAN, *((2 * place + 1) * _SPAN + start for start, _ in sorted(steps or ()))]
            earned += [_NONE if steps is None else 0, *(value for _, value in sorted(steps or ()))]
        self._starts, self._earned = np.array(starts, np.int64), np.array(earned, np.int64)

    def find(self, measured: _Integers, group: _Integers) -> _Integers:
        """What each result earns in its group; ``_NONE`` without a result, or where the group has no steps."""
        absent = measured == -_SPAN
        places = (
            np.searchsorted(self._starts, np.where(absent, 0, measured) + (2 * group + 1) * _SPAN, side="right") - 1
        )
        return np.where(absent, _NONE, self._earned[places])


def _band_steps(group: Group) -> list[tuple[int, int]]:
    return [(int(least * _HUNDREDTHS), place) for place, least in enumerate(group.bands, 1)]


def _score_steps(group: Group, test: str, sign: int) -> list[tuple[int, int]] | None:
    rows = group.thresholds.get(test)
    return None if rows is None else [(sign * int(result * _HUNDREDTHS), score) for score, result in rows]


def _bonus_steps(group: Group, test: str, sign: int) -> list[tuple[int, int]] | None:
    beyond = group.bonus.get(test)
    if beyond is None:
        return None
    _, full = group.thresholds[test][0]
    return [(sign * int(full * _HUNDREDTHS) + more * _HUNDREDTHS, points) for points, more in enumerate(beyond, 1)]


def _totals(
    results: pl.DataFrame,
    standard: FitnessStandard,
    group: _Integers,
    scores: Mapping[str, _Integers],
    bonuses: Mapping[str, _Integers],
) -> list[pl.Series]:
    hundredths, bonus, missing = (np.zeros(len(group), np.int64) for _ in range(3))
    for test in standard.tests:
        weight = _weights(standard, test)[group]
        score = scores.get(test, np.full(len(group), _NONE))
        absent = (weight > 0) & (score == _NONE)
        missing += absent
        hundredths += np.where(absent, 0, score * weight)
        bonus += np.maximum(bonuses.get(test, 0), 0)
    is_unknown = missing > 0
    if EXEMPT in results.columns:
        is_unknown |= results[EXEMPT].fill_null(value=False).to_numpy()
    unit = 10 ** (2 - standard.total_decimals)
    total = (2 * (hundredths + bonus * _HUNDREDTHS) + unit) // (2 * unit)
    ascending = standard.grades[::-1]
    least = np.array([int(grade.at_least * _HUNDREDTHS) // unit for grade in ascending], np.int64)
    reached = np.searchsorted(least, total, side="right") - 1
    grade = pl.Series("grade", [each.code for each in ascending]).gather(reached)
    return [
        _column("standard_score", hundredths, is_unknown, divisor=_HUNDREDTHS),
        _column("bonus", bonus, is_unknown),
        _column("total", total, is_unknown, divisor=_HUNDREDTHS // unit),
        grade.set(pl.Series(is_unknown), None),
        pl.Series("missing_count", missing, pl.Int64()),
    ]


def _weights(standard: FitnessStandard, test: str) -> _Integers:
    """Per cent of a test by group."""
    groups = [standard.groups[sex, level] for sex in _SEXES for level in range(1, _LEVELS + 1)]
    return np.array([group.weights.get(test, 0) for group in groups], np.int64)


def _places(results: pl.DataFrame) -> _Integers:
    """Place of each pupil's group among all."""
    is_known = results[SEX].is_in(list(_SEXES)) & results[GRADE].is_between(1, _LEVELS)
    if not is_known.fill_null(value=False).all():
        raise ValueError(f"sex is boys or girls and the grade level 1 to {_LEVELS}")
    is_girl = (results[SEX] == Sex.GIRLS).to_numpy()
    return np.asarray(results[GRADE].to_numpy().astype(np.int64) - 1 + _LEVELS * is_girl, np.int64)


def _body_mass_index(results: pl.DataFrame) -> _Integers:
    """Index in tenths: kg ÷ m², rounded half up, from hundredths of both; ``_NONE`` where it is not known."""
    height, weight = _hundredths(results[HEIGHT], 1), _hundredths(results[WEIGHT], 1)
    is_absent = (height <= 0) | (weight <= 0)
    square = np.where(is_absent, 1, height) ** 2
    # weight/100 ÷ (height/10,000)² × 10 = weight × 10⁷ ÷ height²
    tenths = (2 * np.where(is_absent, 0, weight) * 10**7 + square) // (2 * square)
    return np.where(is_absent, _NONE, tenths)


def _hundredths(values: pl.Series, sign: int) -> _Integers:
    """Results in whole hundredths, the better the greater; ``-_SPAN`` where there is none."""
    numbers = values.cast(pl.Float64).to_numpy()
    # What no pupil can reach is none either: it would end up among the results of another group.
    is_result = np.abs(numbers) < _SPAN / _HUNDREDTHS
    whole = np.rint(np.where(is_result, numbers, 0.0) * _HUNDREDTHS).astype(np.int64)
    return np.where(is_result, sign * whole, -_SPAN)


def _column(name: str, values: _Integers, is_null: NDArray[np.bool_], *, divisor: int = 1) -> pl.Series:
    numbers = values / divisor if divisor > 1 else values
    return pl.Series(name, numbers).set(pl.Series(is_null), None)
