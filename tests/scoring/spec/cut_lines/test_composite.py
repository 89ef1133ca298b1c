"""Composite mark of a category (docs/scoring.md §5.2)."""

from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.cut_lines.composite import Composite
from shared.scoring.subjects import TOTAL, Subject
from shared.terms.errors import DomainError

WHOLE = Subject(TOTAL, full_mark=Decimal(750), step=Decimal(1))
HALVES = Subject(TOTAL, full_mark=Decimal(750), step=Decimal("0.5"))


def units(composite, total, marks, professional):
    frame = pl.DataFrame(
        {"marks": marks, "professional": professional}, schema={"marks": pl.Int32, "professional": pl.Int32}
    )
    found = composite.units(total, marks=pl.col("marks"), professional=pl.col("professional"))
    return frame.select(found.alias("units"))["units"].to_list()


def test_the_total_alone_keeps_its_grid_and_its_statuses():
    assert Composite().grid(HALVES) == HALVES
    assert units(Composite(), HALVES, [801, -1, -4], [None] * 3) == [801, -1, -4]


def test_weighted_marks_are_rounded_half_up_once():
    composite = Composite(
        total_weight=Decimal("0.5"), professional_weight=Decimal("1.25"), professional_full_mark=Decimal(300)
    )
    assert composite.grid(WHOLE).full_mark == Decimal(750)
    # 0.5·401 + 1.25·240.10 = 500.625 -> 500.63
    assert units(composite, WHOLE, [401, 750, 0], [24010, 30000, 0]) == [50063, 75000, 0]
    # 0.5·400.5 + 1.25·0.01 = 200.2625 -> 200.26
    assert units(composite, HALVES, [801], [1]) == [20026]


def test_without_a_professional_mark_there_is_no_composite():
    composite = Composite(professional_weight=Decimal(1), professional_full_mark=Decimal(100))
    assert units(composite, WHOLE, [400, -2, -2], [None, None, 50]) == [-1, -2, -2]


def test_a_weight_on_the_total_alone_needs_no_professional_mark():
    assert units(Composite(total_weight=Decimal("0.4")), WHOLE, [401, -1], [None, None]) == [16040, -1]


def test_a_grid_too_fine_is_refused():
    with pytest.raises(DomainError) as caught:
        Composite(total_weight=Decimal(2)).grid(WHOLE)
    assert caught.value.code == "scoring.plan_invalid"
