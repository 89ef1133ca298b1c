"""The register of staff in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl
from sqlalchemy import ARRAY, BigInteger, Boolean, Text, column, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from services.teacher_eval.staff_register.tables import RegisteredStaff
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor

_TYPES: dict[str, TypeEngine[Any]] = {
    "staff_key": Text(), "name": Text(), "school_code": Text(), "school_name_zh": Text(), "county_code": Text(),
    "stages": Text(), "is_rural": Boolean(), "post": Text(), "birth_year": BigInteger(), "is_active": Boolean(),
    "org_path": Text(),
}  # fmt: skip
_OTHERS = [name for name in _TYPES if name != "staff_key"]
_LEFT = text(
    "update registered_staff set is_active = false, seen_at = :seen_at where is_active "
    "and starts_with(org_path, :area) and staff_key <> all (cast(:staff_key as text[]))"
)
#: What is counted where people are now goes with them.
_MOVED = (
    text(
        "update titles t set org_path = s.org_path, school_code = s.school_code, county_code = s.county_code, "
        "is_rural = s.is_rural, version = t.version + 1, updated_at = now() from registered_staff s "
        "where t.staff_key = s.staff_key and t.state = 'recognized' and t.org_path <> s.org_path"
    ),
    text(
        "update training_totals t set org_path = s.org_path, school_code = s.school_code, county_code = s.county_code, "
        "stages = s.stages, is_rural = s.is_rural from registered_staff s "
        "where t.staff_key = s.staff_key and t.org_path <> s.org_path"
    ),
)
_FORGET_COUNTS = text("delete from staff_counts where starts_with(org_path, :area)")
_COUNT = text(
    "insert into staff_counts (school_code, org_path, county_code, stages, is_rural, count) "
    "select school_code, min(org_path), min(county_code), min(stages), bool_or(is_rural), count(*) "
    "from registered_staff where is_active and starts_with(org_path, :area) group by school_code"
)


async def take_staff(session: AsyncSession, staff: pl.DataFrame, *, area: str, seen_at: dt.datetime) -> None:
    """Brings the register of an area up to what the roster says, and counts it anew.

    Args:
        session: the transaction.
        staff: one row per member of staff, with the register's columns but ``seen_at``.
        area: organization path that was asked for.
        seen_at: when.
    """
    await session.execute(_taking(staff, seen_at))
    left = {"area": area, "staff_key": staff["staff_key"].to_list(), "seen_at": seen_at}
    await session.execute(_LEFT, left)
    for moved in _MOVED:
        await session.execute(moved)
    await session.execute(_FORGET_COUNTS, {"area": area})
    await session.execute(_COUNT, {"area": area})


def _taking(staff: pl.DataFrame, seen_at: dt.datetime) -> Insert:
    """One statement for everybody, a list a column; a row that says the same is left as it is."""
    table: Any = RegisteredStaff.__table__
    lists = [literal(staff[name].to_list(), ARRAY(dtype)) for name, dtype in _TYPES.items()]
    sent = (
        func.unnest(*lists)
        .table_valued(*(column(name, dtype) for name, dtype in _TYPES.items()), name="sent")
        .render_derived()
    )
    rows = select(*(sent.c[name] for name in _TYPES), literal(seen_at))
    taking = insert(table).from_select([*_TYPES, "seen_at"], rows)
    new = taking.excluded
    differs = tuple_(*(table.c[name] for name in _OTHERS)).is_distinct_from(tuple_(*(new[name] for name in _OTHERS)))
    changed = {name: new[name] for name in (*_OTHERS, "seen_at")}
    return taking.on_conflict_do_update(index_elements=["staff_key"], set_=changed, where=differs)


async def staff_by_key(session: AsyncSession, actor: Actor, staff_key: str) -> RegisteredStaff:
    """A member of staff of the actor's organization; raises ``resource.not_found``."""
    named = RegisteredStaff.staff_key == staff_key
    return await one_visible(session, RegisteredStaff, actor, named, what=f"staff {staff_key}")


async def staff_by_keys(session: AsyncSession, actor: Actor, keys: Collection[str]) -> Mapping[str, RegisteredStaff]:
    """Those of the actor's organization among some members of staff, by key."""
    rows = await session.scalars(visible(RegisteredStaff, actor).where(RegisteredStaff.staff_key.in_(sorted(keys))))
    return {row.staff_key: row for row in rows.all()}


async def names_of(session: AsyncSession, actor: Actor, keys: Collection[str]) -> Mapping[str, str]:
    """Names of those the register knows among some members of staff, by key. Whoever shows them notes it."""
    return {key: row.name for key, row in (await staff_by_keys(session, actor, keys)).items()}


async def everybody(session: AsyncSession, actor: Actor, org_path: str) -> pl.DataFrame:
    """``staff_key, school_code, county_code, stages, is_rural`` of the active staff of an organization, by key."""
    r = RegisteredStaff
    columns = (r.staff_key, r.school_code, r.county_code, r.stages, r.is_rural)
    statement = visible(r, actor).where(r.is_active, within(r.org_path, org_path)).with_only_columns(*columns)
    rows = (await session.execute(statement.order_by(r.staff_key))).all()
    schema = {"staff_key": pl.String, "school_code": pl.String, "county_code": pl.String, "stages": pl.String}
    return pl.DataFrame([tuple(row) for row in rows], schema={**schema, "is_rural": pl.Boolean}, orient="row")
