"""Sums per total and option from joint counts, against plain integer arithmetic (docs/scoring.md §7.0)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from shared.scoring.items import joint_counts
from shared.scoring.items.columns import ItemColumns
from shared.scoring.items.joint_counts import sum_totals
from shared.scoring.items.plan import Item, ItemPlan

PLAN = ItemPlan(
    subject="math",
    items=(
        Item("q1", Decimal(3), Decimal(3), options=("A", "B", "C", "D"), key="B"),
        Item("q2", Decimal(12), Decimal("0.5")),
        Item("q3", Decimal(2), options=("yes", "no"), key="no"),
        Item("q4", Decimal(40)),
    ),
)


def sheet(kind, n=500):
    """Options independent of marks: nothing in the definition ties them."""
    random = np.random.default_rng(2)
    away = random.random(n) < 0.2
    steps = PLAN.full_units // PLAN.weights
    codes = [np.where(away, -1, random.integers(0, top + 1, n)) for top in steps]
    chosen = [np.where(away, -1, random.integers(0, len(item.options) + 1, n)) for _, item in PLAN.choice_items]
    total = np.where(away, -1, sum(code * weight for code, weight in zip(codes, PLAN.weights, strict=True)))
    narrow = [tuple(part.astype(kind) for part in parts) for parts in (codes, chosen)]
    return ItemColumns(narrow[0], narrow[1], total.astype(np.int16), np.array([0]), np.array([0]))


def check(columns):
    found = sum_totals(columns, PLAN)
    present = np.flatnonzero(columns.total >= 0)
    totals = np.zeros_like(found.totals)
    marks = [code.astype(int) * weight for code, weight in zip(columns.marks, PLAN.weights, strict=True)]
    options = [np.zeros((len(item.options) + 1, len(totals), 2), int) for _, item in PLAN.choice_items]
    for n in present:
        row = [mark[n] for mark in marks]
        totals[columns.total[n]] += np.array([1, *row, *(mark * mark for mark in row)])
        for place, (position, _) in enumerate(PLAN.choice_items):
            options[place][columns.chosen[place][n], columns.total[n]] += (1, row[position])
    assert np.array_equal(found.totals, totals)
    for (count, earned), own in zip(found.options, options, strict=True):
        assert np.array_equal(count, own[..., 0])
        assert np.array_equal(earned, own[..., 1])


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32])
def test_sums_are_those_of_whole_numbers(kind):
    check(sheet(kind))


@pytest.mark.parametrize(("shared", "dense"), [(1, 1), (1, 1 << 20), (1 << 13, 1 << 14), (1 << 15, 1)])
def test_the_way_of_counting_does_not_matter(shared, dense, monkeypatch):
    monkeypatch.setattr(joint_counts, "_SHARED_CELLS", shared)
    monkeypatch.setattr(joint_counts, "_DENSE_CELLS", dense)
    monkeypatch.setattr(joint_counts, "_ROWS", 64)
    check(sheet(np.int8))


def test_nobody():
    columns = sheet(np.int8, 0)
    assert not sum_totals(columns, PLAN).totals.any()
