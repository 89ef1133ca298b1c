"""The table of promises: each piece of work, its contenders, and what must be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench import allocation, distribution, evaluation, growth, items, replacement, standing, value_added
from bench.city import CODES, ITEM_PLAN, Scale
from bench.measure import Contender

OURS = "this project"


@dataclass(frozen=True, slots=True)
class Work:
    """One row of the table.

    Args:
        title: what is done.
        contenders: ours first.
        goals: by rival, how many times as fast we must be.
        column_bytes: bytes of the columns it needs, input and result, at a scale; memory must stay below three times.
        tolerance: relative difference of figures that still counts as equal.
    """

    title: str
    contenders: tuple[Contender, ...]
    goals: Mapping[str, float]
    column_bytes: Callable[[Scale], int]
    tolerance: float = 1e-9


_KEY_BYTES = 3 * 16
_RESULT_ROW_BYTES = 66 * 8
_ATTAINMENT_ROW_BYTES = 8 * 16 + 12 * 8 + 1
_NODES = 68
_STAFF_NODES = 30
_SCORE_ROW_BYTES = 5 * 16 + 2 + 7 * 8
_STAFF_BYTES = 5 + 26 + 8 * 8
_PAYMENT_BYTES = 2 * 16 + 4 * 8
_SHARE_BYTES = 3 * 16 + 8 * 8 + 4
_STANDING_ROW_BYTES = 4 * (2 * 4 + 4 * 8) + 8 + 6 * 16


def _sheet_bytes(scale: Scale) -> int:
    return scale.candidates * (_KEY_BYTES + 2 * len(CODES) + 4)


def _distribution_bytes(scale: Scale) -> int:
    groups = scale.candidates // 47 + 2 * scale.schools
    return _sheet_bytes(scale) + groups * (len(CODES) + 1) * _RESULT_ROW_BYTES


def _item_bytes(scale: Scale) -> int:
    read = scale.candidates * (_KEY_BYTES + len(ITEM_PLAN.items) + len(ITEM_PLAN.choice_items) + 2)
    groups = scale.candidates // 47 + scale.schools
    return read + groups * len(ITEM_PLAN.aspects) * _ATTAINMENT_ROW_BYTES


def _growth_bytes(scale: Scale) -> int:
    # Read: two keys and up to three marks; made: growth cells, as many as candidates where two priors rarely coincide.
    return scale.cohort * (2 * 16 + 3 * 2 + 2 * 16 + 4 * 8)


WORKS: Mapping[str, Work] = {
    "distribution": Work(
        "§2 at class, school, county and city level, all subjects, from Parquet",
        distribution.CONTENDERS,
        {"DuckDB": 4, "pandas": 10},
        _distribution_bytes,
    ),
    "standing": Work(
        "§3 rank, PR, Z, T of every candidate at four levels, all subjects, from Parquet",
        standing.CONTENDERS,
        {"DuckDB": 15, "Polars": 2},
        lambda scale: _sheet_bytes(scale) + scale.candidates * _STANDING_ROW_BYTES,
    ),
    "replacement": Work(
        "One school's marks replaced, city figures current",
        replacement.CONTENDERS,
        {"everything again": 50},
        _distribution_bytes,
    ),
    "value_added": Work(
        "§8.1 random-intercept model by REML, from Parquet",
        value_added.CONTENDERS,
        {"lme4": 50},
        lambda scale: scale.cohort * (2 * 16 + 2 * 8),
        tolerance=1e-6,
    ),
    "items": Work(
        "§7 every figure of one paper of 25 items, from Parquet",
        items.CONTENDERS,
        # At most one and a half times as long as reading.
        {"reading the file": 1 / 1.5},
        _item_bytes,
    ),
    "growth": Work(
        "§8.5 growth percentiles of a cohort with one prior, from Parquet",
        growth.ONE_PRIOR,
        {},
        _growth_bytes,
    ),
    "growth_two": Work(
        "§8.5 growth percentiles of a cohort with two priors, from Parquet",
        growth.TWO_PRIORS,
        {},
        _growth_bytes,
    ),
    "growth_check": Work(
        f"§8.5 twenty quantiles of {growth.SAMPLE:,} candidates with two priors, against the linear program",
        growth.PROGRAM,
        {},
        lambda scale: min(scale.cohort, growth.SAMPLE) * (2 * 8 + 15 * 8),
        tolerance=1e-6,
    ),
    "evaluation": Work(
        f"§10 every school by a scheme of {evaluation.LEAVES} checkpoints, from Parquet",
        evaluation.CONTENDERS,
        {"plain Python": 2},
        lambda scale: evaluation.unit_count(scale) * (8 * evaluation.LEAVES + _NODES * _SCORE_ROW_BYTES),
    ),
    "allocation": Work(
        "§11 every school's pool shared to its staff to the fen, 45 to a school, from Parquet",
        allocation.CONTENDERS,
        {"plain Python": 2},
        lambda scale: allocation.staff_count(scale) * (_STAFF_BYTES + _PAYMENT_BYTES + 2 * _SHARE_BYTES),
        tolerance=0,
    ),
    "evaluation_staff": Work(
        f"§10 all staff by a scheme of {evaluation.STAFF_LEAVES} indicators in five areas, from Parquet",
        evaluation.STAFF_CONTENDERS,
        {"plain Python": 2},
        lambda scale: evaluation.staff_count(scale) * (8 * evaluation.STAFF_LEAVES + _STAFF_NODES * _SCORE_ROW_BYTES),
    ),
}
"""Rows by name."""
