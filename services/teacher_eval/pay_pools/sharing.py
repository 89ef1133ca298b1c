"""A county's pool to its schools: in proportion to headcount × coefficient, with floors and caps, to the fen. Blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.teacher_eval.pay_pools.schemas import SchoolShareIn
from shared.scoring.allocation.refusals import Refusal
from shared.scoring.allocation.sharing import share_money

#: Headcounts have three decimals and coefficients four; weights are whole.
_SCALE = 10**7


@dataclass(frozen=True, slots=True)
class SharedSchools:
    """Each school's amount in fen, or why the pool cannot be shared.

    Args:
        amounts: by school.
        certificate: what the sum can be checked by: fen per unit of weight as a fraction, bounds met, ties settled.
        refusals: every clash; nothing else counts then.
    """

    amounts: Mapping[str, int]
    certificate: dict[str, Any]
    refusals: Sequence[Refusal]


def share_among_schools(pool: str, amount_fen: int, schools: Sequence[SchoolShareIn]) -> SharedSchools:
    """Shares a county's pool; the sum of the amounts is the pool."""
    members = pl.DataFrame(
        [
            {
                "pool": pool,
                "staff_key": school.school_code,
                "weight": int(school.headcount * school.coefficient * _SCALE),
                "floor_fen": school.floor_fen,
                "cap_fen": school.cap_fen,
            }
            for school in schools
        ],
        schema_overrides={"weight": pl.Int64, "floor_fen": pl.Int64, "cap_fen": pl.Int64},
    )
    money = pl.DataFrame({"pool": [pool], "money_fen": [amount_fen]}, schema_overrides={"money_fen": pl.Int64})
    made = share_money(members, money)
    if made.refusals:
        return SharedSchools({}, {}, made.refusals)
    amounts = dict(made.shares.select("staff_key", "amount_fen").iter_rows())
    (found,) = made.pools.to_dicts()
    certificate = {
        "pool": pool,
        "pool_fen": amount_fen,
        "paid_fen": sum(amounts.values()),
        "schools": len(amounts),
        "weight": "headcount × coefficient × 10^7",
        "rate": f"{found['rate_numerator']}/{found['rate_denominator']}",
        "raised": found["raised_count"],
        "floored": found["floored_count"],
        "capped": found["capped_count"],
        "tied": found["tied_count"],
        "method": "largest_remainder",
    }
    return SharedSchools(amounts, certificate, ())
