"""Figures out of timetables: share of a school's classes that keep a rule, e.g. ``sport_hour_rate``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.prefill.filled import Filled, Wanted, filled
from services.school_eval.timetables.repository import all_of_year
from shared.policy.timetables import RULES
from shared.scoring.scheme.tree import SourceKind
from shared.terms.actor import Actor

_SUFFIX = "_rate"


class TimetableProvider:
    """Timetables of the year, both semesters together.

    Args:
        session: the transaction.
        actor: on whose behalf.
    """

    kind = SourceKind.STATISTICS

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self._session = session
        self._actor = actor

    def knows(self, key: str) -> bool:
        """``sport_hour_rate``, ``labor_lesson_rate``, ``full_curriculum_rate``."""
        return key.endswith(_SUFFIX) and key.removesuffix(_SUFFIX) in RULES

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Shares of 0 to 1 of every school with a class that can be judged."""
        rows = await all_of_year(self._session, self._actor, wanted.school_year, below=wanted.area)
        found = {}
        for key in keys:
            counts: dict[str, tuple[int, int]] = {}
            for row in rows:
                judged, kept = row.compliance[key.removesuffix(_SUFFIX)]
                before = counts.get(row.school_code, (0, 0))
                counts[row.school_code] = before[0] + judged, before[1] + kept
            shares = [(school, kept / judged, None) for school, (judged, kept) in counts.items() if judged]
            origin = {"source": "timetables", "key": key, "school_year": wanted.school_year}
            found[key] = Filled(filled(list(shares)), origin)
        return found
