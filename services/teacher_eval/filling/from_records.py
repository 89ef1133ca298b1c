"""Figures out of certified records: workload, posts, home visits, research, honours, as the catalog defines them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import ClassVar

import polars as pl

from services.teacher_eval.filling.filled import FILLED_SCHEMA, Filled, Provider, Wanted
from services.teacher_eval.record_kinds.schemas import OWN
from services.teacher_eval.record_kinds.service import built_in
from services.teacher_eval.teacher_records.service.figures import scores_of
from shared.scoring.records.rules import Period
from shared.scoring.scheme.tree import SourceKind

#: Figures that a bureau adds to the platform's; which of them there are, its catalog says.
_ADDED = re.compile(rf"{OWN}[a-z0-9_]*\.[a-z][a-z0-9_]*")


class RecordProvider(Provider):
    """Records as certified; a draft, or one that was only handed in, counts for nothing."""

    kind: ClassVar[SourceKind] = SourceKind.RECORDS

    @staticmethod
    def knows(key: str) -> bool:
        """A figure of the platform's catalog, or one that a bureau named as its own."""
        return key in built_in().catalog.figures or _ADDED.fullmatch(key) is not None

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Figures of everybody judged, out of the records of their schools; 0 or left out without any, by figure."""
        period = Period(wanted.first_day, wanted.last_day)
        people = wanted.staff["staff_key"]
        scored, records, known = await scores_of(
            self._session, people=people, period=period, area=wanted.area, actor=self._actor
        )
        states = records.sort("record").select(pl.concat_str("record", "version", separator=":")).to_series()
        origin = {
            "source": "records",
            "first_day": wanted.first_day.isoformat(),
            "last_day": wanted.last_day.isoformat(),
            "catalog": known.number,
            "catalog_sha256": known.sha256,
            "records_sha256": hashlib.sha256("\n".join(states).encode()).hexdigest(),
        }
        found = {}
        for key in keys:
            if key in known.catalog.figures:
                own = scored.figures.filter(pl.col("figure") == key)
                frame = own.select(staff_key="person", value="value", se=pl.lit(None, pl.Float64))
                exact = frame.select(pl.col(name).cast(dtype) for name, dtype in FILLED_SCHEMA.items())
                found[key] = Filled(exact.sort("staff_key"), {**origin, "key": key})
        return found
