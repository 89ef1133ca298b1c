"""What holds for every balance and every progress (docs/scoring.md §6)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.balance import candidate_balance, subject_balance, weak_counts, weak_rates
from shared.scoring.frame import check_sheet
from shared.scoring.progress import candidate_progress, gather_progress, group_progress, mark_pairs, merge_progress
from shared.scoring.summaries.exam_summary import gather_summary
from shared.terms.organization import OrgLevel
from tests.scoring.properties.strategies import PLAN, candidates, frame_of

FEW = settings(max_examples=8, deadline=None)
SUBJECTS = ("math", "total")
LEVELS = (OrgLevel.CITY, OrgLevel.SCHOOL)
GRIDS = {code: (PLAN.subject(code), PLAN.subject(code)) for code in SUBJECTS}


def checked(rows):
    return check_sheet(frame_of(rows), PLAN)


def later(rows, data):
    return [row | {"math": data.draw(st.one_of(st.integers(0, 10), st.just("absent")))} for row in rows]


def pairs_of(before, after):
    return mark_pairs(checked(before), checked(after), subjects=SUBJECTS)


@FEW
@given(candidates(), st.data())
def test_progress_does_not_depend_on_partitions_or_order(rows, data):
    after = later(rows, data)
    whole = gather_progress(pairs_of(rows, after), GRIDS)
    cut = data.draw(st.integers(0, len(after)))
    order = data.draw(st.permutations(after))
    parts = [gather_progress(pairs_of(rows, part), GRIDS) for part in (order[:cut], order[cut:]) if part]
    assert merge_progress(parts) == whole
    assert group_progress(merge_progress(parts), levels=LEVELS).equals(group_progress(whole, levels=LEVELS))


@FEW
@given(candidates(), st.data())
def test_groups_are_the_means_of_their_candidates(rows, data):
    pairs = pairs_of(rows, later(rows, data))
    summary = gather_progress(pairs, GRIDS)
    groups = group_progress(summary, levels=LEVELS)
    single = candidate_progress(pairs, summary)
    for row in groups.rows(named=True):
        own = single.filter(subject=row["subject"])
        if row["level"] == "school":
            own = own.filter(school_code=row["school_code"])
        values = own[row["measure"]].to_numpy()
        assert row["n"] == len(values)
        assert row["mean"] == pytest.approx(values.mean(), abs=1e-10)
        assert row["sd"] == (pytest.approx(values.std(ddof=1), abs=1e-9) if len(values) > 1 else None)
        if row["level"] == "city":
            assert row["mean"] == pytest.approx(0, abs=1e-10)


@FEW
@given(candidates(), st.data())
def test_the_way_back_undoes_the_way_there(rows, data):
    after = later(rows, data)
    there, back = (
        group_progress(gather_progress(pairs_of(*way), GRIDS), levels=LEVELS) for way in ((rows, after), (after, rows))
    )
    assert there["n"].equals(back["n"])
    np.testing.assert_allclose(there["mean"].to_numpy(), -back["mean"].to_numpy(), atol=1e-10)


@FEW
@given(candidates())
def test_who_stays_as_before_makes_no_progress(rows):
    found = group_progress(gather_progress(pairs_of(rows, rows), GRIDS), levels=LEVELS)
    assert (found["mean"].abs() < 1e-12).all()


def balance_of(rows, whole):
    histograms = gather_summary(checked(whole), PLAN).histograms
    return subject_balance(checked(rows), {code: histograms[code] for code in ("math", "art", "entry")})


@FEW
@given(candidates())
def test_deviations_of_a_candidate_add_up_to_nothing(rows):
    found = balance_of(rows, rows)
    sums = found.drop_nulls("deviation").group_by("candidate_id").agg(pl.col("deviation").sum())
    assert (sums["deviation"].abs() < 1e-11).all()
    lowest = candidate_balance(found).drop_nulls("weakest_subject")
    assert (lowest["weakest_deviation"] < 1e-12).all()


@FEW
@given(candidates(), st.data())
def test_balance_does_not_depend_on_partitions(rows, data):
    cut = data.draw(st.integers(1, len(rows)))
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    found = pl.concat(balance_of(part, rows) for part in parts)
    assert found.equals(balance_of(rows, rows))
    for level in (OrgLevel.CITY, OrgLevel.CLASS):
        rates = weak_rates(weak_counts(found), level=level)
        assert rates["weak_count"].sum() == found["is_weak"].sum()
        assert rates.equals(weak_rates(weak_counts(found.reverse()), level=level))
