"""Figures out of timetables: share of a school's classes that keep a rule, e.g. ``sport_hour_rate``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping

from services.school_eval.prefill.filled import Filled, OwnSource, Wanted, filled
from services.school_eval.timetables.repository import all_of_year
from shared.policy.timetables import RULES
from shared.scoring.scheme.tree import SourceKind

_SUFFIX = "_rate"


class TimetableProvider(OwnSource):
    """Timetables of the year, both semesters together."""

    kind = SourceKind.STATISTICS

    def knows(self, key: str) -> bool:
        """``sport_hour_rate``, ``labor_lesson_rate``, ``full_curriculum_rate``."""
        return key.endswith(_SUFFIX) and key.removesuffix(_SUFFIX) in RULES

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Shares of 0 to 1 of every school with a class that can be judged."""
        rows = await all_of_year(self._session, self._actor, wanted.school_year, below=wanted.area)
        schools = set(wanted.units["unit_code"])
        own = [row for row in rows if row.school_code in schools]
        states = json.dumps([[row.school_code, row.semester, row.version] for row in own]).encode()
        found = {}
        for key in keys:
            counts: dict[str, tuple[int, int]] = {}
            for row in own:
                judged, kept = row.compliance.get(key.removesuffix(_SUFFIX), (0, 0))
                before = counts.get(row.school_code, (0, 0))
                counts[row.school_code] = before[0] + judged, before[1] + kept
            shares = [(school, kept / judged, None) for school, (judged, kept) in counts.items() if judged]
            origin = {"source": "timetables", "key": key, "school_year": wanted.school_year}
            origin["states_sha256"] = hashlib.sha256(states).hexdigest()
            found[key] = Filled(filled(list(shares)), origin)
        return found
