"""One person's payment step by step, in words and figures. Blocks."""

from __future__ import annotations

from typing import Any

import polars as pl

from services.teacher_eval.money import money
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_runs.core_plan import part_names
from services.teacher_eval.pay_runs.sharing import plan_for, share
from shared.scoring.allocation.steps import Step, steps


def steps_of(
    pool: str, amount_fen: int, document: PlanDocument, inputs: pl.DataFrame, staff_key: str
) -> list[dict[str, Any]]:
    """Every step from the pool to a person's total.

    Args:
        pool: its code.
        amount_fen: its money.
        document: the plan.
        inputs: of the run.
        staff_key: whose.

    Raises:
        LookupError: if the person is not in the run.
    """
    shared = share(pool, amount_fen, document, inputs)
    made = steps(plan_for(document, inputs), inputs, shared.allocation, pool=pool, staff_key=staff_key)
    names = part_names(document)
    return [_told(step, names) for step in made]


def _told(step: Step, names: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": step.kind.value,
        "code": step.code,
        "name": None if step.code is None else names.get(step.code, step.code),
        "zh": step.sentence.zh,
        "en": step.sentence.en,
        "figures": dict(step.figures),
        "result": None if step.result_fen is None else money(step.result_fen).model_dump(),
    }
