"""What a provider gives for one key: a figure per member of staff, how sure it is, and where it is from."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from shared.scoring.scheme.tree import SourceKind
from shared.terms.actor import Actor

FILLED_SCHEMA: dict[str, pl.DataType] = {"staff_key": pl.String(), "value": pl.Float64(), "se": pl.Float64()}


@dataclass(frozen=True, slots=True)
class Filled:
    """Figures for one key of a source.

    Args:
        frame: ``staff_key, value, se``, one row per member of staff that has a figure; se is null where there is none.
        origin: where they are from, for those who ask: service, version, hashes.
    """

    frame: pl.DataFrame
    origin: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be filled in.

    Args:
        school_year: the year judged.
        first_day: first day of the period judged.
        last_day: its last day.
        staff: ``staff_key, school_code, org_path`` of those judged.
        area: organization path of those who ask.
    """

    school_year: str
    first_day: dt.date
    last_day: dt.date
    staff: pl.DataFrame
    area: str


class Provider(ABC):
    """One source of figures.

    Args:
        session: the transaction.
        actor: on whose behalf.
    """

    #: The kind of source it fills.
    kind: ClassVar[SourceKind]

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self._session = session
        self._actor = actor

    @staticmethod
    @abstractmethod
    def knows(key: str) -> bool:
        """Whether it has figures of this name; the checks of schemes ask this too."""

    @abstractmethod
    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Figures for keys that it knows; a key may be left out where there is nothing."""


def filled(rows: list[tuple[str, float, float | None]]) -> pl.DataFrame:
    """Rows of ``staff_key, value, se`` as a frame, by key."""
    return pl.DataFrame(rows, schema=FILLED_SCHEMA, orient="row").sort("staff_key")
