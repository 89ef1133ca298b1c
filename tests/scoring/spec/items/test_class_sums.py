"""Cross products and class sums against plain integer arithmetic, whatever the types and chunks (docs/scoring.md §7.0)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from shared.scoring.items import class_sums
from shared.scoring.items.class_sums import sum_classes
from shared.scoring.items.columns import ItemColumns
from shared.scoring.items.plan import Item, ItemPlan


def plan_of(*full_marks):
    tags = [("a",), ("a", "b"), ("b",)]
    items = tuple(
        Item(f"q{n}", Decimal(full), knowledge_points=tags[n % 3], competencies=("c",) if n else ())
        for n, full in enumerate(full_marks)
    )
    return ItemPlan(subject="math", items=items)


def columns_of(plan, runs, kind):
    """Random codes, every fifth candidate absent or exempt; a run is (class, length)."""
    random = np.random.default_rng(5)
    n = sum(length for _, length in runs)
    away = random.integers(0, 5, n) == 0
    status = random.choice([-1, -2, -3], n)
    codes = [np.where(away, status, random.integers(0, full + 1, n)) for full in plan.full_units]
    total = np.where(away, status, sum(codes))
    starts = np.cumsum([0, *(length for _, length in runs)])[:-1]
    group = np.array([place for place, _ in runs])
    return ItemColumns(tuple(code.astype(kind) for code in codes), (), total.astype(np.int64), starts, group)


def expected(columns, plan, classes):
    index = np.repeat(columns.group, np.diff(columns.starts, append=len(columns.total)))
    codes = np.column_stack(columns.marks).astype(object)
    present = columns.total >= 0
    table = np.zeros((classes, 2 + 2 * len(plan.aspects)), object)
    for n, place in enumerate(index):
        table[place, 0] += int(columns.total[n] >= -2)
        if present[n]:
            aspects = [codes[n, list(aspect.positions)].sum() for aspect in plan.aspects]
            k = len(plan.items)
            single, several = aspects[:k], aspects[k:]
            row = [1, *single, *(v * v for v in single), *several, *(v * v for v in several)]
            table[place, 1:] += np.array(row, object)
    return codes[present].T @ codes[present], table


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32])
@pytest.mark.parametrize("full_marks", [(1, 1, 1), (1, 5, 120), (100,), (1, 0x7F)])
@pytest.mark.parametrize("chunk", [3, 16, 1000])
def test_sums_are_those_of_whole_numbers(kind, full_marks, chunk):
    plan = plan_of(*full_marks)
    columns = columns_of(plan, [(1, 17), (0, 5), (2, 1), (0, 30)], kind)
    products, groups = sum_classes(columns, plan, classes=3, chunk_rows=chunk)
    found_products, found_groups = expected(columns, plan, 3)
    assert np.array_equal(products, found_products)
    assert np.array_equal(groups, found_groups)


@pytest.mark.parametrize("full_marks", [(99_000, 1), (3_000, 5_000, 20)])
def test_large_grids_are_summed_in_double_precision(full_marks):
    """A square is beyond 2^24 here, or a sum of squares: neither would be exact in float32."""
    plan = plan_of(*full_marks)
    columns = columns_of(plan, [(0, 900), (1, 700)], np.int32)
    products, groups = sum_classes(columns, plan, classes=2, chunk_rows=512)
    found_products, found_groups = expected(columns, plan, 2)
    assert np.array_equal(products, found_products)
    assert np.array_equal(groups, found_groups)


def test_full_marks_for_all_stay_exact_at_the_edge_of_single_precision():
    plan = plan_of(1023, 1023)
    n = 1 << 14
    columns = ItemColumns(
        (np.full(n, 1023, np.int16),) * 2, (), np.full(n, 2046, np.int16), np.array([0]), np.array([0])
    )
    products, groups = sum_classes(columns, plan, classes=1, chunk_rows=n)
    assert products.tolist() == [[n * 1023**2] * 2] * 2
    assert groups[0, -1] == n * 2046**2


def test_threads_change_nothing(monkeypatch):
    plan = plan_of(1, 5, 12)
    columns = columns_of(plan, [(n, 40) for n in range(60)], np.int8)
    whole = sum_classes(columns, plan, classes=60, chunk_rows=64)
    monkeypatch.setattr(class_sums, "_SPAN_ROWS", 100)
    divided = sum_classes(columns, plan, classes=60, chunk_rows=64)
    assert all(np.array_equal(one, other) for one, other in zip(whole, divided, strict=True))
