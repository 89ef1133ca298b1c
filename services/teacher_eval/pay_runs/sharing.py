"""A pool shared by the core: inputs in, what each person is paid out, with the certificate and every step. Blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_runs.core_plan import core_plan
from services.teacher_eval.pay_runs.inputs import CREDIT, DEBIT, POOL, STAFF_KEY
from shared.scoring.allocation.allocate import PAY, Allocation, allocate
from shared.scoring.allocation.plan import PayPlan
from shared.scoring.allocation.refusals import Refusal

__all__ = ["PAY", "Shared", "plan_for", "pools_frame", "share"]


@dataclass(frozen=True, slots=True)
class Shared:
    """A pool that was shared, or why it cannot be.

    Args:
        refusals: every clash; nothing else counts then.
        outcomes: ``staff_key, amount_fen`` and ``pay.<code>`` per item and part, by key.
        parts: fen per item and part.
        kept_fen: what the plan leaves unpaid on purpose.
        allocation: everything the core knows of it.
    """

    refusals: Sequence[Refusal]
    outcomes: pl.DataFrame
    parts: Mapping[str, int]
    kept_fen: int
    allocation: Allocation


def share(pool: str, amount_fen: int, document: PlanDocument, inputs: pl.DataFrame) -> Shared:
    """Shares a pool by a plan.

    Args:
        pool: its code.
        amount_fen: its money.
        document: the plan.
        inputs: the people, see :func:`services.teacher_eval.pay_runs.inputs.inputs_frame`.
    """
    made = allocate(plan_for(document, inputs), pools_frame(pool, amount_fen), inputs)
    outcomes = made.payments.drop(POOL, "exclusion").sort(STAFF_KEY)
    names = [name for name in outcomes.columns if name.startswith(PAY)]
    parts = {name.removeprefix(PAY): int(outcomes[name].sum()) for name in names}
    return Shared(made.refusals, outcomes, parts, int(made.pools["kept_fen"].sum()), made)


def plan_for(document: PlanDocument, inputs: pl.DataFrame) -> PayPlan:
    """The core's plan for some inputs: balances are an item of it only where somebody has one."""
    carries = bool((inputs[CREDIT] != 0).any() or (inputs[DEBIT] != 0).any())
    return core_plan(document, carries=carries)


def pools_frame(pool: str, amount_fen: int) -> pl.DataFrame:
    """One pool as the core takes it."""
    return pl.DataFrame({POOL: [pool], "pool_fen": [amount_fen]}, schema_overrides={"pool_fen": pl.Int64})
