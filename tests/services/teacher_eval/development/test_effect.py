"""Participants beside comparable others: hand-made figures, nothing of few, and over HTTP."""

import math
from typing import Any

import polars as pl
import pytest

from services.teacher_eval.training_effect.rules import change_effect, share_effect
from tests.services.teacher_eval.development.test_trainings import PROGRAM, completed, enrolled
from tests.services.teacher_eval.development.town import Town
from tests.support.city import code_of, of_school


def people(rows: list[tuple[bool, str, float, float]]) -> pl.DataFrame:
    schema = {"is_participant": pl.Boolean, "group": pl.String, "before": pl.Float64, "after": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(track=pl.lit("teacher"))


def alike(group: str, gain: float, others: float) -> list[tuple[bool, str, float, float]]:
    """Six who took part and six who did not, beginning alike in pairs; changes lie one around their mean."""
    rows: list[tuple[bool, str, float, float]] = []
    for step in range(6):
        spread = 1 if step % 2 else -1
        rows.append((True, group, 60 + step, 60 + step + gain + spread))
        rows.append((False, group, 60 + step, 60 + step + others + spread))
    return rows


def test_the_effect_is_the_difference_of_changes_within_strata() -> None:
    found = change_effect(people(alike("a", 5, 2) + alike("b", 3, 2)), least=10)
    assert (found.participants, found.others, found.left_out) == (12, 12, 0)
    assert (found.participants_change, found.others_change, found.effect) == (4.0, 2.0, 2.0)
    # Six strata of two and two, variance 2 each: √(6 · (1/6)² · (2/2 + 2/2)) = √(1/3)
    margin = 1.959964 * math.sqrt(1 / 3)
    assert found.ci == pytest.approx((2 - margin, 2 + margin), abs=0.01)


def test_who_has_nobody_comparable_is_left_out_and_counted() -> None:
    lonely = [(True, "alone", 60.0, 70.0), (True, "alone", 61.0, 71.0)]
    found = change_effect(people(alike("a", 5, 2) + alike("b", 3, 2) + lonely), least=10)
    assert (found.participants, found.left_out, found.effect) == (12, 2, 2.0)


def test_nothing_is_shown_of_few() -> None:
    assert change_effect(people(alike("a", 5, 2)), least=10).effect is None
    assert share_effect(3, 9, 5, 100, least=10).effect is None


def test_shares_have_newcombes_interval() -> None:
    # Newcombe 1998, table II, (a): 56/70 against 48/80 by method 10: 0.0524 to 0.3339
    found = share_effect(56, 70, 48, 80, least=10)
    assert (found.effect, found.ci) == (0.2, (0.0524, 0.3339))


@pytest.mark.anyio
async def test_a_programs_effect_is_for_its_organization_and_needs_both_evaluations(town: Town) -> None:
    await enrolled(town, 11)
    await completed(town, 11)
    found: Any = await town.get(f"{PROGRAM}/effect")
    assert found.status_code == 200, found.text
    assert found.json()["annual_total"] is None
    assert found.json()["rung_reached"]["participants"] == 11
    assert found.json()["rung_reached"]["effect"] == 0.0
    assert code_of(await town.get(f"{PROGRAM}/effect", of_school())) == "training.other_office"
    assert code_of(await town.get(f"{PROGRAM}/effect", params={"before": "annual-2025"})) == "training.effect_cycles"
