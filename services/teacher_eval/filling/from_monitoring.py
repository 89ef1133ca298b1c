"""Figures out of monitoring: the effect of teaching, as value added with its error; never marks, never of few."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

import polars as pl

from services.teacher_eval.filling.filled import FILLED_SCHEMA, Filled, Provider, Wanted
from services.teacher_eval.teaching_effect.repository import effects_within, run_for
from shared.kernel.web.organizations import code_of
from shared.scoring.scheme.tree import SourceKind
from shared.scoring.teaching_effect import NOT_CLASSIFIABLE

KEY = "teaching_effect"


class MonitoringProvider(Provider):
    """The newest computation of the year; who cannot be classified has no figure, and is judged by all the others."""

    kind: ClassVar[SourceKind] = SourceKind.MONITORING

    @staticmethod
    def knows(key: str) -> bool:
        """The effect of teaching, nothing else."""
        return key == KEY

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Shrunken effects on the T scale with their conditional errors."""
        if KEY not in keys:
            return {}
        run = await run_for(self._session, self._actor, wanted.school_year, wanted.area)
        if run is None:
            return {}
        effects = await effects_within(self._session, self._actor, run, wanted.area)
        judged = effects.filter(
            pl.col("label") != NOT_CLASSIFIABLE, pl.col("staff_key").is_in(wanted.staff["staff_key"].implode())
        )
        frame = judged.select("staff_key", value="effect", se="se").sort("staff_key")
        origin = {
            "source": "teaching_effect",
            "organization": code_of(run.org_path),
            "number": run.number,
            "effects_sha256": run.effects_sha256,
            "exams": run.origin["exams"],
        }
        return {KEY: Filled(frame.select(pl.col(name).cast(kind) for name, kind in FILLED_SCHEMA.items()), origin)}
