"""Growth cells and what is finished from them: divisions, orders and shifts that must not matter (docs/scoring.md §8.5)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.subjects import Subject
from shared.scoring.summaries.growth_cells import gather_growth_cells, merge_growth_cells
from shared.scoring.value_added.gains import gains
from shared.scoring.value_added.growth_percentiles import growth_percentiles
from shared.scoring.value_added.prior_groups import PriorGrouping, prior_group_residuals
from shared.terms.errors import DomainError

ENTRY = Subject("entry", full_mark=Decimal(20), step=Decimal(1))
EXIT = Subject("exit", full_mark=Decimal(40), step=Decimal(1))
KEYS = {"county_code": pl.String, "school_code": pl.String}
CANDIDATES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(-1, 20), st.integers(-1, 40)), max_size=40)


def gather(rows, priors=(ENTRY,)):
    table = [("k", *row) for row in rows]
    frame = pl.DataFrame(table, schema=KEYS | {"entry": pl.Int32, "exit": pl.Int32}, orient="row")
    return gather_growth_cells(frame, priors, EXIT)


@given(CANDIDATES, CANDIDATES, st.randoms(use_true_random=False))
def test_division_order_and_replacement_do_not_matter(first, second, random):
    whole = gather(first + second)
    shuffled = random.sample(first + second, len(first + second))
    assert gather(shuffled) == whole
    assert merge_growth_cells([gather(second), gather(first)]) == whole
    assert gather(first) + gather(second) == whole
    assert whole - gather(second) == gather(first)
    assert whole != gather([*first, *second, ("c", 1, 1)])
    assert whole != "cells"


def test_other_subjects_and_parts_that_were_not_in_are_refused():
    other = Subject("exit", full_mark=Decimal(80), step=Decimal(1))
    frame = pl.DataFrame(schema=KEYS | {"entry": pl.Int32, "exit": pl.Int32})
    with pytest.raises(DomainError, match=r"scoring\.summary_different_subjects"):
        gather([]) + gather_growth_cells(frame, [ENTRY], other)
    with pytest.raises(DomainError, match=r"scoring\.summary_not_contained"):
        gather([("a", 1, 1)]) - gather([("a", 1, 2)])


@given(CANDIDATES, st.sampled_from(PriorGrouping))
def test_residuals_of_the_city_add_up_to_nothing(rows, grouping):
    found = prior_group_residuals(gather(rows), grouping)
    assert (found["n"] * found["value"]).sum() == pytest.approx(0, abs=1e-9)
    gain = gains(gather(rows))
    assert (gain["n"] * (gain["value"] - gain["reference"])).sum() == pytest.approx(0, abs=1e-9)


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_percentiles_rise_with_the_outcome_and_ignore_shifts_and_copies(seed, copied):
    random = np.random.default_rng(seed)
    entry = random.integers(0, 21, 150)
    exits = np.clip(entry // 2 + random.integers(0, 25, 150), 0, 35)
    rows = [("a", a, b) for a, b in zip(entry.tolist(), exits.tolist(), strict=True)]
    found = growth_percentiles(gather(rows))
    assert found["growth_percentile"].is_between(1, 99).all()
    assert found.select((pl.col("growth_percentile").diff().over("entry") >= 0).all()).item()
    other = growth_percentiles(gather(rows * 3 if copied else [(school, a, b + 5) for school, a, b in rows]))
    difference = (other["growth_percentile"] - found["growth_percentile"]).abs()
    # Where several solutions are equally good another one may be met; nothing else may move.
    assert difference.quantile(0.9) <= 1
    assert difference.mean() <= 0.5
