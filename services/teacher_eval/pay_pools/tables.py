"""Pools of performance pay, every amount they ever had, and how a county's was distributed to its schools."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.pay_pools.rules import PoolKind, PoolState
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_KINDS = ",".join(f"'{kind}'" for kind in PoolKind)
_STATES = ",".join(f"'{state}'" for state in PoolState)


class PayPool(Identified, Versioned, OrgScoped, Base):
    """A county's or a school's money of one kind for a period; its amount is that of its newest :class:`PayPoolAmount`."""

    __tablename__ = "pay_pools"
    __table_args__ = (
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("amount_fen between 0 and 1000000000000000", name="amount"),
        CheckConstraint("first_month <= last_month", name="months"),
        Index("ix_pay_pools_org_path_code", "org_path", "code"),
        Index("ix_pay_pools_source_pool_id", "source_pool_id"),
    )

    code: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    school_year: Mapped[str] = mapped_column(Code)
    first_month: Mapped[str] = mapped_column(Code)
    last_month: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=PoolState.SET)
    amount_fen: Mapped[int]
    amount_number: Mapped[int]
    # The county's pool that a school's money is from.
    source_pool_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pay_pools.id"))
    source_code: Mapped[str | None] = mapped_column(Code)
    created_by: Mapped[str] = mapped_column(Text)


class PayPoolAmount(Identified, OrgScoped, Base):
    """An amount of a pool with the document it rests on; never changed, by a trigger: a later one supersedes it."""

    __tablename__ = "pay_pool_amounts"
    __table_args__ = (
        UniqueConstraint("pool_id", "number"),
        CheckConstraint("amount_fen between 0 and 1000000000000000", name="amount"),
    )

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_pools.id"))
    number: Mapped[int]
    amount_fen: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    # The distribution of the county's pool that gave it.
    distribution_id: Mapped[uuid.UUID | None]
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class PayDistribution(Identified, OrgScoped, Base):
    """A county's pool shared among its schools; never changed, by a trigger: a later one supersedes it."""

    __tablename__ = "pay_distributions"
    __table_args__ = (UniqueConstraint("pool_id", "number"),)

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_pools.id"))
    number: Mapped[int]
    amount_number: Mapped[int]
    amount_fen: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    # [{"school_code", "headcount", "coefficient", "floor_fen", "cap_fen", "amount_fen"}], by school.
    schools: Mapped[list[Any]]
    # Files of the columnar store.
    inputs_sha256: Mapped[str] = mapped_column(Code)
    outcomes_sha256: Mapped[str] = mapped_column(Code)
    certificate: Mapped[dict[str, Any]]
    distributed_by: Mapped[str] = mapped_column(Text)
    distributed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
