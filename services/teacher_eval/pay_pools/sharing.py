"""A county's pool to its schools: in proportion to headcount × coefficient, with floors and caps, to the fen. Blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import polars as pl

from shared.scoring.allocation.allocate import allocate
from shared.scoring.allocation.certificate import Certificate, certificate
from shared.scoring.allocation.plan import Part, PayPlan, WorkloadShare
from shared.scoring.allocation.refusals import Refusal

_PLAN = PayPlan(
    parts=(
        Part(
            code="schools",
            weight=Decimal(1),
            method=WorkloadShare(workload="headcount"),
            post_coefficient="coefficient",
            by_presence=False,
            floor_fen="floor_fen",
            cap_fen="cap_fen",
        ),
    )
)
_FIGURE = pl.Decimal(18, 4)
_SCHEMA = {
    "pool": pl.String(),
    "staff_key": pl.String(),
    "headcount": _FIGURE,
    "coefficient": _FIGURE,
    "floor_fen": pl.Int64(),
    "cap_fen": pl.Int64(),
}


class SchoolShare(Protocol):
    """What a school's share is worked out from."""

    school_code: str
    headcount: Decimal
    coefficient: Decimal
    floor_fen: int
    cap_fen: int | None


@dataclass(frozen=True, slots=True)
class SharedSchools:
    """Each school's amount in fen, or why the pool cannot be shared.

    Args:
        amounts: by school.
        certificate: with the tables beside it, as the checking program reads them; ``None`` of a refused pool.
        refusals: every clash; nothing else counts then.
    """

    amounts: Mapping[str, int]
    certificate: Certificate | None
    refusals: Sequence[Refusal]

    @property
    def certificate_content(self) -> dict[str, Any]:
        """The certificate as JSON."""
        content: dict[str, Any] = {} if self.certificate is None else json.loads(self.certificate.text)
        return content


def share_among_schools(pool: str, amount_fen: int, schools: Sequence[SchoolShare]) -> SharedSchools:
    """Shares a county's pool; the sum of the amounts is the pool. Schools stand where a run has its staff."""
    members = pl.DataFrame(
        [(pool, each.school_code, each.headcount, each.coefficient, each.floor_fen, each.cap_fen) for each in schools],
        schema=_SCHEMA,
        orient="row",
    )
    money = pl.DataFrame({"pool": [pool], "pool_fen": [amount_fen]}, schema_overrides={"pool_fen": pl.Int64})
    made = allocate(_PLAN, money, members)
    if made.refusals:
        return SharedSchools({}, None, made.refusals)
    amounts = dict(made.payments.select("staff_key", "amount_fen").iter_rows())
    return SharedSchools(amounts, certificate(_PLAN, members, made), ())
