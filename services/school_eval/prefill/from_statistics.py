"""Figures out of the school statistics of the year: entered ones and those worked out of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping

from services.school_eval.prefill.filled import Filled, OwnSource, Wanted, filled
from services.school_eval.statistics.catalog import catalog
from services.school_eval.statistics.repository import all_of_year
from services.school_eval.statistics.rules import derived_values, exact
from shared.scoring.scheme.tree import SourceKind


class StatisticsProvider(OwnSource):
    """School statistics as they stand when asked."""

    kind = SourceKind.STATISTICS

    def knows(self, key: str) -> bool:
        """Items of the catalog, entered or derived."""
        return is_statistic(key)

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """A figure of every school that has what it needs."""
        rows = await all_of_year(self._session, self._actor, wanted.school_year, below=wanted.area)
        schools = set(wanted.units["unit_code"])
        known = catalog()
        figures: dict[str, list[tuple[str, float, float | None]]] = {key: [] for key in keys}
        states = {}
        for row in rows:
            if row.school_code not in schools:
                continue
            states[row.school_code] = row.version
            entered = exact(row.figures)
            values = entered | derived_values(entered, known)
            for key in keys:
                if key in values:
                    figures[key].append((row.school_code, float(values[key]), None))
        content = json.dumps(states, sort_keys=True).encode()
        origin = {
            "source": "statistics",
            "school_year": wanted.school_year,
            "states_sha256": hashlib.sha256(content).hexdigest(),
        }
        return {key: Filled(filled(found), origin | {"key": key}) for key, found in figures.items()}


def is_statistic(key: str) -> bool:
    """Whether the catalog has an item of this name."""
    known = catalog()
    return key in known.items or key in known.derived
