"""A seeded city of marks for the benchmarks: nothing planted, nobody real, only the right size and shape.

The mark file holds what a store of checked sheets holds: key columns as text, and per subject one Int16 column of codes
(the mark in grid units, or the negative number of a status). All contenders read the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.items.frame import OPTION_SUFFIX
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import TOTAL, Subject

SEED = 20_260_615
COUNTIES = 8
CLASS_SIZE = 47
CODES = ("chinese", "math", "english", "physics", "history", "chemistry", "biology", "politics", "geography")
SUBJECTS = tuple(Subject(code, full_mark=Decimal(150 if n < 3 else 100)) for n, code in enumerate(CODES))
PLAN = AnalysisPlan(outcomes=SUBJECTS)
OPTIONS = ("A", "B", "C", "D")
_CHOICE_ITEMS, _CHOICE_MARK = 15, 3
_CONSTRUCTED = (8, 8, 10, 10, 10, 10, 12, 12, 12, 13)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured.

    Args:
        candidates: candidates of the exam.
        schools: schools they sit in.
        cohort: candidates of the value-added model.
        cohort_schools: their schools.
        repeats: runs of every contender, of which the best counts.
    """

    candidates: int
    schools: int
    cohort: int
    cohort_schools: int
    repeats: int


FULL = Scale(1_500_000, 2_000, 500_000, 2_000, 3)
MIDDLE = Scale(150_000, 200, 50_000, 200, 2)
QUICK = Scale(1_200, 6, 1_500, 12, 1)


def write_marks(path: Path, scale: Scale) -> None:
    """Writes the mark file: rows in the order of their schools, as a store of sheets keeps them."""
    random = np.random.default_rng(SEED)
    school = _schools(random, scale.candidates, scale.schools)
    ability = random.normal(0, 1, scale.candidates) + random.normal(0, 0.35, scale.schools)[school]
    columns = _keys(school, scale)
    for subject in SUBJECTS:
        noise = random.normal(0, 0.6, scale.candidates)
        share = 0.58 + 0.14 * (ability + noise) - 0.03 * random.random()
        codes = np.clip(np.rint(share * subject.full_units), 0, subject.full_units).astype(np.int16)
        codes[random.random(scale.candidates) < 0.008] = -1
        codes[random.random(scale.candidates) < 0.0002] = -2
        columns[subject.code] = pl.Series(codes)
    pl.DataFrame(columns).write_parquet(path, compression="zstd", row_group_size=131_072)


def write_cohort(path: Path, scale: Scale) -> None:
    """Writes intake and outcome of one cohort, in grid units, with true school effects of 0.3 sd."""
    random = np.random.default_rng(SEED + 1)
    school = _schools(random, scale.cohort, scale.cohort_schools)
    intake = random.normal(0, 1, scale.cohort) + random.normal(0, 0.4, scale.cohort_schools)[school]
    effect = random.normal(0, 0.3, scale.cohort_schools)[school]
    outcome = 0.75 * intake + effect + random.normal(0, 0.6, scale.cohort)
    pl.DataFrame(
        {
            "county_code": _names("c", school % COUNTIES, 2),
            "school_code": _names("s", school, 5),
            "outcome": np.clip(np.rint(180 + 40 * outcome), 0, 300).astype(np.int16),
            "intake": np.clip(np.rint(120 + 28 * intake), 0, 200).astype(np.int16),
        }
    ).write_parquet(path, compression="zstd", row_group_size=131_072)


def write_growth(path: Path, scale: Scale) -> None:
    """Writes two priors and the outcome of one cohort, in grid units; growth spreads less at the top than at the bottom."""
    random = np.random.default_rng(SEED + 3)
    n = scale.cohort
    school = _schools(random, n, scale.cohort_schools)
    ability = random.normal(0, 1, n) + random.normal(0, 0.4, scale.cohort_schools)[school]
    marks = [0.85 * ability + random.normal(0, 0.45, n) for _ in range(2)]
    growth = 0.8 * ability + random.normal(0, 0.3, scale.cohort_schools)[school]
    growth += random.normal(0, 0.5, n) * (1 - 0.2 * np.tanh(ability))
    columns = {"first": (120, 28, 200, marks[0]), "second": (120, 28, 200, marks[1]), "outcome": (180, 40, 300, growth)}
    pl.DataFrame(
        {"county_code": _names("c", school % COUNTIES, 2), "school_code": _names("s", school, 5)}
        | {
            name: np.clip(np.rint(middle + spread * value), 0, top).astype(np.int16)
            for name, (middle, spread, top, value) in columns.items()
        }
    ).write_parquet(path, compression="zstd", row_group_size=131_072)


def _items() -> tuple[Item, ...]:
    """15 choice items for 3 marks or none and 10 constructed ones on a grid of one mark; 150 marks in all."""
    full = [*[_CHOICE_MARK] * _CHOICE_ITEMS, *_CONSTRUCTED]
    items = []
    for number, mark in enumerate(full):
        choice = number < _CHOICE_ITEMS
        items.append(
            Item(
                f"q{number + 1:02d}",
                Decimal(mark),
                step=Decimal(mark if choice else 1),
                knowledge_points=(f"k{number % 8 + 1}",),
                competencies=(f"m{number % 4 + 1}",),
                options=OPTIONS if choice else (),
                key=OPTIONS[number * 3 % 4] if choice else None,
            )
        )
    return tuple(items)


ITEM_PLAN = ItemPlan(subject="math", items=_items())


def write_items(path: Path, scale: Scale) -> None:
    """Writes the checked item sheet of one paper: Int8 codes and option positions, and the total in Int16.

    Right answers follow a logistic curve of ability; partial credit is binomial with such a share; wrong answers fall on
    the other options unevenly, and one in a hundred candidates chooses none. 0.8 % are absent.
    """
    random = np.random.default_rng(SEED + 2)
    n = scale.candidates
    school = _schools(random, n, scale.schools)
    ability = (random.normal(0, 1, n) + random.normal(0, 0.35, scale.schools)[school]).astype(np.float32)
    absent = random.random(n) < 0.008
    columns = _keys(school, scale)
    total, chosen = np.zeros(n, np.int16), {}
    for number, item in enumerate(ITEM_PLAN.items):
        share = 1 / (1 + np.exp(-(0.8 + 0.04 * number) * (ability - 1.6 * np.sin(2.4 * number))))
        if item.key is None:
            code = random.binomial(int(item.full_mark), share).astype(np.int8)
        else:
            code = (random.random(n, np.float32) < share).astype(np.int8)
            place = OPTIONS.index(item.key)
            other = random.choice(np.array([1, 1, 1, 2, 2, 3], np.int8), n)
            option = np.where(code == 1, place, (place + other) % 4)
            option = np.where((code == 0) & (random.random(n, np.float32) < 0.02), len(OPTIONS), option)
            chosen[item.code + OPTION_SUFFIX] = pl.Series(np.where(absent, -1, option).astype(np.int8))
        total += code * np.int16(item.step)
        columns[item.code] = pl.Series(np.where(absent, -1, code).astype(np.int8))
    columns |= {TOTAL: pl.Series(np.where(absent, -1, total).astype(np.int16)), **chosen}
    pl.DataFrame(columns).write_parquet(path, compression="zstd", row_group_size=131_072)


def _schools(random: np.random.Generator, candidates: int, schools: int) -> NDArray[np.int64]:
    return np.sort(random.integers(0, schools, candidates))


def _keys(school: NDArray[np.int64], scale: Scale) -> dict[str, pl.Series]:
    starts = np.searchsorted(school, np.arange(scale.schools))
    classes = (np.arange(scale.candidates) - starts[school]) // CLASS_SIZE + 1
    return {
        "candidate_id": _names("", np.arange(scale.candidates), 9),
        "county_code": _names("c", school % COUNTIES, 2),
        "school_code": _names("s", school, 5),
        "class_code": _names("", classes, 2),
    }


def _names(prefix: str, number: NDArray[np.int64], width: int) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(number).cast(pl.String).str.zfill(width)).to_series()


SCALES = {"full": FULL, "middle": MIDDLE, "quick": QUICK}
