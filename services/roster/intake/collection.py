"""A collection that senders write to: its rows, how they are checked, how they are stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.intake.columns import columns_of
from services.roster.intake.fields import RowModel
from services.roster.intake.personal import PersonalKeys
from services.roster.intake.rows import Row, RowFault
from services.roster.intake.upsert import Key, Upsert
from shared.kernel.settings import ServiceSettings
from shared.kernel.tabular.columns import Column
from shared.terms.actor import Actor

M = TypeVar("M", bound=RowModel)


@dataclass(frozen=True)
class Intake:
    """One taking-in of rows: the transaction, who sends, and the service's settings."""

    session: AsyncSession
    actor: Actor
    settings: ServiceSettings

    @cached_property
    def personal(self) -> PersonalKeys:
        """Keys for personal numbers."""
        return PersonalKeys.of(self.settings)

    @property
    def knows_test_regions(self) -> bool:
        """Whether the regions made for tests exist here."""
        return self.settings.env != "production"


@dataclass(slots=True)
class Record:
    """A checked row: the column values to store, and what storing it entails."""

    number: int
    values: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking found: records fit to store, and faults."""

    records: list[Record]
    faults: list[RowFault]


Check = Callable[[Intake, Sequence[Row[M]]], Awaitable[Checked]]
Step = Callable[[Intake, Sequence[Record]], Awaitable[None]]


async def _nothing(_: Intake, __: Sequence[Record]) -> None:
    return None


@dataclass(frozen=True)
class Collection(Generic[M]):
    """A collection.

    Args:
        name: plural, as in the change feed and, with hyphens, in its path.
        row: what senders write.
        upsert: how rows are stored.
        check: resolves references and rules; sees only rows without faults of their own.
        shown_key: the natural key as senders know it.
        before: done before storing, with the same records.
        after: done after storing, with the records that changed something.
        sensitive: fields whose values are never repeated.
    """

    name: str
    row: type[M]
    upsert: Upsert
    check: Check[M]
    shown_key: tuple[str, ...]
    before: Step = _nothing
    after: Step = _nothing
    sensitive: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """Its address."""
        return f"/{self.name.replace('_', '-')}"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Columns of its upload files."""
        return columns_of(self.row, sensitive=self.sensitive)

    def key_of(self, record: Record) -> Key:
        """A record's natural key."""
        return self.upsert.key_of(record.values)

    def shown_key_of(self, record: Record) -> dict[str, str]:
        """A record's natural key by name."""
        return {name: record.values[name] for name in self.shown_key}
