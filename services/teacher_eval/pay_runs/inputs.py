"""What a run is worked out from, as one frame: the people of a pool with every figure the plan asks, and their balances.

Blocks: call it in a thread. The frame is stored and named by its hash, so that anybody can do the sum again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from services.teacher_eval.money import months_between
from services.teacher_eval.pay_members.rules import present
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_plans.document import ADJUSTMENT, Part, PlanDocument
from services.teacher_eval.pay_pools.tables import PayPool
from shared.scoring.allocation.plan import Exclusion

POINTS, COUNTS, COEFFICIENT, FLOOR, CAP = "points.", "counts.", "coefficient.", "floor.", "cap."
CREDIT, DEBIT = f"{ADJUSTMENT}.credit_fen", f"{ADJUSTMENT}.debit_fen"
ENTITLEMENT, EXCLUSION, GROUP = "entitlement_fen", "exclusion", "group"
POOL, STAFF_KEY, PRESENT, PERIOD = "pool", "staff_key", "months_present", "months_of_period"
#: For comparing who gains; no figure follows from them.
ATTRIBUTES = ("post", "title", "age_band", "stage", "urban_rural")
_FIGURE = pl.Decimal(18, 4)


def inputs_frame(
    pool: PayPool,
    document: PlanDocument,
    members: Sequence[PayMember],
    balances: Mapping[str, int],
    forfeited: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> pl.DataFrame:
    """People by key, with the columns that :func:`services.teacher_eval.pay_runs.sharing.core_plan` names.

    Args:
        pool: the pool.
        document: the plan.
        members: its people.
        balances: what the ledger owes each person, in fen; less than 0: what the person owes.
        forfeited: months that conduct takes from somebody; whoever has none left stands outside, and the money stays.
    """
    months = len(months_between(pool.first_month, pool.last_month))
    ordered = sorted(members, key=lambda row: row.staff_key)
    here = [_present(row, forfeited) for row in ordered]
    columns: dict[str, pl.Series] = {
        POOL: pl.Series([pool.code] * len(ordered), dtype=pl.String),
        STAFF_KEY: pl.Series([row.staff_key for row in ordered], dtype=pl.String),
        PRESENT: _figures(here),
        PERIOD: pl.Series([months] * len(ordered), dtype=pl.Int64),
        EXCLUSION: pl.Series([_exclusion(row, forfeited) for row in ordered], dtype=pl.String),
        GROUP: pl.Series([row.group_code or "" for row in ordered], dtype=pl.String),
    }
    for key in document.points_keys():
        columns[POINTS + key] = _figures([_figure(row.points, key) for row in ordered])
    for key in document.counts_keys():
        # Nobody is asked to say that they have none of something that is paid by the piece.
        columns[COUNTS + key] = _figures([_count(row, key, document) for row in ordered])
    if document.asks_entitlement():
        columns[ENTITLEMENT] = pl.Series([row.entitlement_fen for row in ordered], dtype=pl.Int64)
    for part in document.parts:
        columns |= _part_columns(part, ordered, here, months)
    columns[CREDIT] = pl.Series([max(balances.get(row.staff_key, 0), 0) for row in ordered], dtype=pl.Int64)
    columns[DEBIT] = pl.Series([max(-balances.get(row.staff_key, 0), 0) for row in ordered], dtype=pl.Int64)
    for name in ATTRIBUTES:
        columns[name] = pl.Series([_attribute(row, name) for row in ordered], dtype=pl.String)
    return pl.DataFrame(columns)


def _present(row: PayMember, forfeited: Mapping[str, frozenset[str]]) -> Decimal:
    lost = forfeited.get(row.staff_key, frozenset())
    return present({month: share for month, share in row.months.items() if month not in lost})


def _exclusion(row: PayMember, forfeited: Mapping[str, frozenset[str]]) -> str | None:
    is_struck = row.exclusion is None and row.staff_key in forfeited and _present(row, forfeited) == 0
    return Exclusion.CONDUCT_VETO.value if is_struck else row.exclusion


def _part_columns(
    part: Part, members: Sequence[PayMember], here: Sequence[Decimal], months: int
) -> dict[str, pl.Series]:
    columns = {}
    if part.post_coefficients or part.title_coefficients:
        columns[COEFFICIENT + part.code] = _figures([coefficient_of(part, row.post, row.title) for row in members])
    if part.floor_fen is not None:
        floors = [_floor(part.floor_fen, share, months) for share in here]
        columns[FLOOR + part.code] = pl.Series(floors, dtype=pl.Int64)
    if part.cap_fen is not None:
        columns[CAP + part.code] = pl.Series([part.cap_fen] * len(members), dtype=pl.Int64)
    return columns


def coefficient_of(part: Part, post: str | None, title: str | None) -> Decimal:
    """A person's coefficient in a part: that of the post times that of the title, 1 where the plan names none."""
    return part.post_coefficients.get(post or "", Decimal(1)) * part.title_coefficients.get(title or "", Decimal(1))


def _floor(floor_fen: int, here: Decimal, months: int) -> int:
    """The floor by presence, whole fen downward."""
    return int(floor_fen * here / months)


def _count(row: PayMember, key: str, document: PlanDocument) -> Decimal | None:
    paid_by_piece = {item.count for item in document.fixed_items} | {item.standard for item in document.fixed_items}
    found = _figure(row.counts, key)
    return Decimal(0) if found is None and key in paid_by_piece else found


def _figure(figures: Mapping[str, Any], key: str) -> Decimal | None:
    return None if key not in figures else Decimal(figures[key])


def _figures(values: Sequence[Decimal | None]) -> pl.Series:
    return pl.Series(values, dtype=_FIGURE)


def _attribute(row: PayMember, name: str) -> str | None:
    found: str | None = getattr(row, name) if name in ("post", "title") else row.attributes.get(name)
    return found
