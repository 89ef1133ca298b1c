"""Figures out of pupils' development, rolled up by school: shares of grades, means of dimensions.

A leaf names the scheme of pupils and a figure of :mod:`shared.scoring.scheme.roll_up`:
``compulsory_student.at_least_rate.B``. Student evaluation tells the last semester of the year a school reported; schools
whose pictures are withheld have no figure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping

import polars as pl

from services.school_eval.prefill.filled import FILLED_SCHEMA, Filled, Wanted
from shared.contracts.student_eval import StudentEval
from shared.scoring.scheme.tree import SourceKind

KEY = re.compile(r"([a-z][a-z0-9_]*)\.(total_mean|(grade_rate|at_least_rate|share_mean)\.[A-Za-z0-9._-]+)")


class StudentDevelopmentProvider:
    """Reported results of pupils.

    Args:
        students: student evaluation.
    """

    kind = SourceKind.ROLL_UP

    def __init__(self, students: StudentEval) -> None:
        self._students = students

    def knows(self, key: str) -> bool:
        """A scheme and a figure; whether anything was reported by such a scheme shows when it is asked."""
        return KEY.fullmatch(key) is not None

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Figures of the schools that reported in the year; those of all pupils, hence without a standard error."""
        asked = {key: matched.group(1) for key in keys if (matched := KEY.fullmatch(key)) is not None}
        found = {}
        for scheme in sorted(set(asked.values())):
            rolled = await self._students.roll_up(school_year=wanted.school_year, scheme=scheme)
            own = rolled.join(wanted.units.select("unit_code"), on="unit_code", how="semi").sort("unit_code", "key")
            if own.is_empty():
                continue
            origin = {
                "source": "student_development",
                "scheme": scheme,
                "school_year": wanted.school_year,
                "semesters": own["semester"].unique().sort().to_list(),
                "figures_sha256": hashlib.sha256(own.write_csv().encode()).hexdigest(),
            }
            for key in (key for key, of in asked.items() if of == scheme):
                rows = own.filter(pl.col("key") == key)
                frame = rows.select("unit_code", "value", pl.lit(None, pl.Float64).alias("se"))
                pupils = int(rows["member_count"].sum())
                found[key] = Filled(frame.cast(pl.Schema(FILLED_SCHEMA)), origin | {"key": key, "pupils": pupils})
        return found
