"""An item plan names what is wrong with it (docs/scoring.md §7)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.scoring.items.plan import Aspect, Item, ItemPlan
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.item_builders import paper, tagged

ONE = Item("q1", Decimal(2))


def faults(*items, **settings):
    with pytest.raises(DomainError) as refused:
        ItemPlan(**{"subject": "math", "items": items} | settings)
    assert refused.value.code == "scoring.plan_invalid"
    return {(fault.code, fault.value) for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ((), ("scoring.item_plan_empty", None)),
        ((ONE, ONE), ("scoring.plan_duplicate", "q1")),
        ((replace(ONE, code="total"),), ("scoring.plan_reserved_name", "total")),
        ((replace(ONE, code="status"),), ("scoring.plan_reserved_name", "status")),
        ((replace(ONE, code="school_code"),), ("scoring.plan_reserved_name", "school_code")),
        ((replace(ONE, code="a__b"),), ("scoring.plan_reserved_name", "a__b")),
        ((replace(ONE, options=("A", "B")),), ("scoring.item_plan_key", "q1")),
        ((replace(ONE, options=("A", "B"), key="C"),), ("scoring.item_plan_key", "q1")),
        ((replace(ONE, key="A"),), ("scoring.item_plan_key", "q1")),
        ((replace(ONE, options=("A", "A"), key="A"),), ("scoring.plan_duplicate", "A")),
        ((replace(ONE, knowledge_points=("x", "x")),), ("scoring.plan_duplicate", "x")),
        ((replace(ONE, step=Decimal("0.3")),), ("scoring.subject_grid", "q1")),
    ],
)
def test_contradictions_are_named(items, fault):
    assert fault in faults(*items)


def test_minimums_and_levels():
    assert ("scoring.plan_minimum", "0, 30") in faults(ONE, min_n=0)
    assert ("scoring.plan_levels", "school") in faults(ONE, levels=(OrgLevel.SCHOOL,))


def test_items_of_different_steps_share_the_units_of_the_total():
    plan = ItemPlan(subject="math", items=(Item("a", Decimal(3)), Item("b", Decimal(2), Decimal("0.5"))))
    assert plan.total.step == Decimal("0.5")
    assert plan.weights.tolist() == [2, 1]
    assert plan.full_units.tolist() == [6, 4]


def test_aspects_are_items_then_the_columns_of_the_specification_then_the_paper():
    plan = tagged(
        paper(1, 1, 1),
        q1={"knowledge_points": ("sets",), "competencies": ("reasoning",)},
        q2={"knowledge_points": ("functions", "sets"), "cognitive_level": "apply", "question_type": "choice"},
        q3={"cognitive_level": "apply", "question_type": "proof"},
    )
    assert plan.aspects[3:] == (
        Aspect("knowledge_point", "sets", (0, 1)),
        Aspect("knowledge_point", "functions", (1,)),
        Aspect("competency", "reasoning", (0,)),
        Aspect("cognitive_level", "apply", (1, 2)),
        Aspect("question_type", "choice", (1,)),
        Aspect("question_type", "proof", (2,)),
        Aspect("total", "total", (0, 1, 2)),
    )
    assert [aspect.kind for aspect in plan.aspects[:3]] == ["item"] * 3
