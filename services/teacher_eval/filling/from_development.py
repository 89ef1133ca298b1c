"""Figures out of trainings: hours completed in the period judged."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import ClassVar

from services.teacher_eval.filling.filled import Filled, Provider, Wanted, filled
from services.teacher_eval.trainings.repository import records_between
from services.teacher_eval.trainings.service.records import counted_hours
from services.teacher_eval.trainings.tables import TrainingRecord
from shared.scoring.scheme.tree import SourceKind

HOURS = "training.hours"


class DevelopmentProvider(Provider):
    """Hours of training of everybody judged; nobody without records is left out: they have none."""

    kind: ClassVar[SourceKind] = SourceKind.RECORDS

    @staticmethod
    def knows(key: str) -> bool:
        """Hours of training, nothing else."""
        return key == HOURS

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Hours of every member of staff, 0 where nothing was recorded."""
        if HOURS not in keys:
            return {}
        rows: dict[str, list[TrainingRecord]] = defaultdict(list)
        states = []
        for row in await records_between(self._session, self._actor, wanted.first_day, wanted.last_day):
            rows[row.staff_key].append(row)
            states.append(f"{row.id}:{row.version}")
        figures: list[tuple[str, float, float | None]] = [
            (key, float(sum(hours for _, hours in counted_hours(rows[key])) if key in rows else 0), None)
            for key in wanted.staff["staff_key"]
        ]
        content = "\n".join(sorted(states)).encode()
        origin = {
            "source": "trainings",
            "first_day": wanted.first_day.isoformat(),
            "last_day": wanted.last_day.isoformat(),
            "records_sha256": hashlib.sha256(content).hexdigest(),
        }
        return {HOURS: Filled(filled(figures), origin)}
