"""Figures out of the inspection of the two routines: shares of full marks by checklist, section or item.

A leaf names what it wants by the checklist's own codes: ``teaching_routine``, ``management_routine.safety``,
``management_routine.safety.fire_equipment``. The last routine visit of the school year counts, as its raters rated it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from services.school_eval.prefill.filled import Filled, OwnSource, Wanted, filled
from services.school_eval.visits.repository import rated_visits
from services.school_eval.visits.rules import VisitKind, is_undecided
from services.school_eval.visits.tables import Visit
from shared.scoring.scheme.tree import SourceKind

#: Codes of checklists, sections and items are lower-case; a leaf judged for itself on the spot has its own code for a key.
KEY = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*){0,2}")


class InspectionProvider(OwnSource):
    """Routine visits of the year."""

    kind = SourceKind.INSPECTION

    def knows(self, key: str) -> bool:
        """A checklist, a section of it, or an item."""
        return KEY.fullmatch(key) is not None

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Shares of 0 to 1 of the schools visited, with a standard error where some visits were rated by several."""
        rated = await rated_visits(self._session, self._actor, school_year=wanted.school_year, area=wanted.area)
        schools = set(wanted.units["unit_code"])
        routine = [visit for visit in rated if visit.kind == VisitKind.PLANNED and visit.school_code in schools]
        last = {visit.school_code: visit for visit in routine}
        found = {}
        for key in keys:
            shares = {school: share for school, visit in last.items() if (share := _share(visit, key)) is not None}
            deviation = _deviation(routine, key)
            rows = [(school, share, _se(last[school], key, deviation)) for school, share in shares.items()]
            content = "".join(sorted(str(last[school].outcome_sha256) for school in shares))
            origin = {
                "source": "inspection",
                "key": key,
                "school_year": wanted.school_year,
                "visits": len(rows),
                "outcomes_sha256": hashlib.sha256(content.encode()).hexdigest(),
            }
            found[key] = Filled(filled(rows), origin)
        return found


def _share(visit: Visit, key: str) -> float | None:
    """What the visit found; nothing where it was not looked at, did not apply, or two raters say yes and no."""
    outcome = visit.outcome or {}
    item = outcome.get("items", {}).get(key)
    if item is None:
        share: float | None = outcome.get("shares", {}).get(key)
        return share
    return None if is_undecided(item) else item["share"]


def _ratings(visit: Visit, key: str) -> Sequence[float]:
    shares: Sequence[float] = (visit.outcome or {}).get("rater_shares", {}).get(key, ())
    return shares


def _deviation(visits: Sequence[Visit], key: str) -> float | None:
    """Standard deviation of one rater's share around a visit's mean, pooled over visits rated by several."""
    several = [np.array(shares) for visit in visits if len(shares := _ratings(visit, key)) > 1]
    df = sum(len(shares) - 1 for shares in several)
    if not df:
        return None
    return float(np.sqrt(sum(float(((shares - shares.mean()) ** 2).sum()) for shares in several) / df))


def _se(visit: Visit, key: str, deviation: float | None) -> float | None:
    raters = len(_ratings(visit, key))
    return None if deviation is None or not raters else deviation / float(np.sqrt(raters))
