"""What a provider gives for one key: a figure per school, how sure it is, and where it is from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from shared.scoring.scheme.tree import SourceKind
from shared.terms.actor import Actor

FILLED_SCHEMA: dict[str, pl.DataType] = {"unit_code": pl.String(), "value": pl.Float64(), "se": pl.Float64()}


@dataclass(frozen=True, slots=True)
class Filled:
    """Figures for one key of a source.

    Args:
        frame: ``unit_code, value, se``, one row per school that has a figure; se is null where there is none.
        origin: where they are from, for those who ask: service, version, hashes.
    """

    frame: pl.DataFrame
    origin: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be filled in.

    Args:
        school_year: the year judged.
        units: ``unit_code, org_path`` of the schools.
        area: organization path of those who ask.
        exams: codes of the exams whose results count, with the version wanted (``None`` for the one in force).
    """

    school_year: str
    units: pl.DataFrame
    area: str
    exams: Mapping[str, str | None]


class Provider(Protocol):
    """One source of figures."""

    @property
    def kind(self) -> SourceKind:
        """The kind of source it fills."""
        ...

    def knows(self, key: str) -> bool:
        """Whether it has figures of this name."""
        ...

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Figures for keys that it knows; a key may be left out where nothing was published."""
        ...


class OwnSource:
    """A provider of figures that lie in this service's own tables.

    Args:
        session: the transaction.
        actor: on whose behalf.
    """

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self._session = session
        self._actor = actor


def filled(rows: list[tuple[str, float, float | None]]) -> pl.DataFrame:
    """Rows of ``unit_code, value, se`` as a frame, by school."""
    return pl.DataFrame(rows, schema=FILLED_SCHEMA, orient="row").sort("unit_code")
