"""Figures out of conduct: how many grades somebody's standing takes away, for the gate of a scheme."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import ClassVar

import polars as pl

from services.teacher_eval.conduct.standing import standing_of
from services.teacher_eval.filling.filled import FILLED_SCHEMA, Filled, Provider, Wanted
from shared.scoring.scheme.tree import SourceKind

STANDING = "conduct.standing"


class ConductProvider(Provider):
    """0 of whoever stands clear, up to 3; everybody has a figure. Where it is from names no case."""

    kind: ClassVar[SourceKind] = SourceKind.RECORDS

    @staticmethod
    def knows(key: str) -> bool:
        """The standing, nothing else."""
        return key == STANDING

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """The standing of everybody over the period judged."""
        if STANDING not in keys:
            return {}
        people = wanted.staff["staff_key"].to_list()
        found = await standing_of(self._session, people, wanted.first_day, wanted.last_day)
        frame = found.select(
            pl.col("staff_key"),
            pl.col("severity").cast(pl.Float64).alias("value"),
            pl.lit(None, pl.Float64).alias("se"),
        )
        origin = {
            "source": "conduct",
            "first_day": wanted.first_day.isoformat(),
            "last_day": wanted.last_day.isoformat(),
            "standings_sha256": hashlib.sha256(frame.write_csv().encode()).hexdigest(),
        }
        return {STANDING: Filled(frame.cast(FILLED_SCHEMA).sort("staff_key"), origin)}  # type: ignore[arg-type]
