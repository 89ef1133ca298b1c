"""What a provider gives for one key: a level or figure per pupil, and where it is from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.tree import SourceKind
from shared.terms.actor import Actor


@dataclass(frozen=True, slots=True)
class Filled:
    """Values for one key of a source.

    Args:
        frame: ``unit_code, value``, one row per pupil who has one; the value is what the leaf's rule takes.
        origin: where they are from, for those who ask: hashes, standards.
    """

    frame: pl.DataFrame
    origin: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be filled in.

    Args:
        school_year: the year described.
        org_path: the school.
        students: pseudonyms of the pupils.
    """

    school_year: str
    org_path: str
    students: pl.Series


class Provider(ABC):
    """One figure of one source.

    Args:
        session: the transaction.
        store: the columnar store.
        actor: on whose behalf.
    """

    kind: ClassVar[SourceKind]
    key: ClassVar[str]

    def __init__(self, session: AsyncSession, store: ColumnarStore, actor: Actor) -> None:
        self._session = session
        self._store = store
        self._actor = actor

    @abstractmethod
    async def gather(self, wanted: Wanted) -> Filled | None:
        """Values of the pupils who have one; ``None`` where the school has nothing of the kind."""
