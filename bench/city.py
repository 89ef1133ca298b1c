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

from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject

SEED = 20_260_615
COUNTIES = 8
CLASS_SIZE = 47
CODES = ("chinese", "math", "english", "physics", "history", "chemistry", "biology", "politics", "geography")
SUBJECTS = tuple(Subject(code, full_mark=Decimal(150 if n < 3 else 100)) for n, code in enumerate(CODES))
PLAN = AnalysisPlan(outcomes=SUBJECTS)


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
