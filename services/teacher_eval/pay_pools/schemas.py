"""Bodies and answers of pools."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from services.teacher_eval.money import Fen, Money, Month, money, months_between
from services.teacher_eval.pay_pools.repository import PoolTotal
from services.teacher_eval.pay_pools.rules import BY_RUNS, LIFE, MOST_MONTHS, OUTSIDE_BASE, PoolKind, PoolState
from services.teacher_eval.pay_pools.tables import PayDistribution, PayPool, PayPoolAmount
from shared.kernel.web.fields import Document, Name, Reason, SchoolCode, SchoolYear, Strict
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused
from shared.terms.organization import OrgLevel, path_level

_CODE = r"^(?:[0-9]{4}[0-9A-Z]{2})(-[0-9A-Za-z]{6,12})?$"
Coefficient = Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=4)]


class PoolIn(Strict):
    """A pool as its office sets it."""

    name: Name
    kind: PoolKind
    organization: str = Field(
        pattern=_CODE, description="区县代码，或 区县代码-学校代码 / county, or county-school", examples=["520502"]
    )
    school_year: SchoolYear
    first_month: Month = Field(description="第一个月 / first month paid for")
    last_month: Month = Field(description="最后一个月 / last month paid for")
    amount_fen: Fen
    document: Document

    @model_validator(mode="after")
    def _months(self) -> PoolIn:
        count = len(months_between(self.first_month, self.last_month))
        if not 1 <= count <= MOST_MONTHS:
            raise refused("pay_pool.months_invalid", count=count, most=MOST_MONTHS)
        return self


class AmountIn(Strict):
    """Another amount in place of the one in force."""

    amount_fen: Fen
    document: Document
    reason: Reason


class SchoolShareIn(Strict):
    """What a school's share is worked out from."""

    school_code: SchoolCode
    headcount: Decimal = Field(
        ge=0, le=100_000, max_digits=9, decimal_places=3, description="核定人数 / approved staff"
    )
    coefficient: Coefficient = Field(default=Decimal(1), description="学校考核等次系数 / coefficient of its grade")
    floor_fen: Fen = 0
    cap_fen: Fen | None = None


class DistributeIn(Strict):
    """A county's pool shared among its schools."""

    document: Document
    schools: list[SchoolShareIn] = Field(min_length=1, max_length=5_000)


class PoolOut(BaseModel):
    """A pool."""

    code: str
    name: str
    kind: PoolKind
    organization: str
    school_year: str
    first_month: str
    last_month: str
    months: int
    amount: Money
    amount_number: int
    is_outside_base: bool
    source_pool: str | None
    state: PoolState
    actions: list[str]
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class AmountOut(BaseModel):
    """An amount a pool had, or has."""

    number: int
    amount: Money
    document: str
    reason: str | None
    is_from_distribution: bool
    set_at: dt.datetime


class PoolDetail(PoolOut):
    """A pool with every amount it ever had."""

    amounts: list[AmountOut]


class SchoolShareOut(BaseModel):
    """A school's share of a county's pool, with what it was worked out from."""

    school_code: str
    headcount: str
    coefficient: str
    floor: Money
    cap: Money | None
    amount: Money


class DistributionOut(BaseModel):
    """A county's pool as it was, or would be, shared among its schools."""

    pool: str
    number: int
    is_dry_run: bool
    amount: Money
    distributed: Money
    document: str
    certificate: dict[str, Any]
    schools: list[SchoolShareOut]


class TotalOut(BaseModel):
    """Pools of one kind at one level of a county."""

    county_code: str
    kind: PoolKind
    level: str
    pools: int
    amount: Money


class TotalsOut(BaseModel):
    """Pools of a school year."""

    school_year: str
    items: list[TotalOut]


def pool_out(row: PayPool) -> PoolOut:
    """A pool for an answer."""
    kind, state = PoolKind(row.kind), PoolState(row.state)
    # What is a school's already is shared among its staff, by runs.
    is_shared = path_level(row.org_path) is not OrgLevel.SCHOOL
    return PoolOut(
        code=row.code,
        name=row.name,
        kind=kind,
        organization=code_of(row.org_path),
        school_year=row.school_year,
        first_month=row.first_month,
        last_month=row.last_month,
        months=len(months_between(row.first_month, row.last_month)),
        amount=money(row.amount_fen),
        amount_number=row.amount_number,
        is_outside_base=kind in OUTSIDE_BASE,
        source_pool=row.source_code,
        state=state,
        actions=[step for step in LIFE.actions(state) if step not in BY_RUNS and (is_shared or step != "distribute")],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def amount_out(row: PayPoolAmount) -> AmountOut:
    """An amount for an answer."""
    return AmountOut(
        number=row.number,
        amount=money(row.amount_fen),
        document=row.document,
        reason=row.reason,
        is_from_distribution=row.distribution_id is not None,
        set_at=row.set_at,
    )


def distribution_out(row: PayDistribution, pool: str, *, is_dry_run: bool = False) -> DistributionOut:
    """A distribution for an answer."""
    shares = [
        SchoolShareOut(
            school_code=each["school_code"],
            headcount=each["headcount"],
            coefficient=each["coefficient"],
            floor=money(each["floor_fen"]),
            cap=None if each["cap_fen"] is None else money(each["cap_fen"]),
            amount=money(each["amount_fen"]),
        )
        for each in row.schools
    ]
    return DistributionOut(
        pool=pool,
        number=row.number,
        is_dry_run=is_dry_run,
        amount=money(row.amount_fen),
        distributed=money(sum(each.amount.fen for each in shares)),
        document=row.document,
        certificate=row.certificate,
        schools=shares,
    )


def total_out(total: PoolTotal) -> TotalOut:
    """A total for an answer."""
    return TotalOut(
        county_code=total.county_code,
        kind=PoolKind(total.kind),
        level=total.level,
        pools=total.pools,
        amount=money(total.amount_fen),
    )
