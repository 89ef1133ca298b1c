"""What must hold of any exam (docs/scoring.md §0, §1.3, §2, §3)."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.exam import analyze
from tests.scoring.properties.strategies import PLAN, WHOLE, candidates, frame_of


def run(*frames):
    return analyze(frames, PLAN, lambda done, total: None)


def as_bytes(result):
    found = {}
    for name, frame in result.frames().items():
        buffer = io.BytesIO()
        frame.write_ipc(buffer)
        found[name] = buffer.getvalue()
    return found


@WHOLE
@given(candidates(), st.data())
def test_order_and_division_leave_every_byte_of_every_frame(rows, data):
    whole = run(frame_of(rows))
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert as_bytes(run(*(frame_of(part) for part in parts))) == as_bytes(whole)


@WHOLE
@given(candidates())
def test_one_more_absent_candidate_changes_participation_only(rows):
    added = rows[0] | {"id": "new", "math": "absent", "art": "absent", "entry": "absent"}
    before, after = run(frame_of(rows)).summary, run(frame_of([*rows, added])).summary
    touched = [
        column
        for column in before.columns
        if column in {"n_registered", "n_absent", "participation_rate", "suppressed", "suppression"}
        or "registered" in column
        or "participation" in column
    ]
    keys = ["level", "county_code", "school_code", "class_code", "subject"]
    shared = after.join(before.select(keys), on=keys, how="semi", nulls_equal=True)
    assert shared.drop(touched).equals(before.drop(touched))
    city = pl.col("level") == "city"
    assert (after.filter(city)["n_registered"] - before.filter(city)["n_registered"]).to_list() == [1] * 4


@WHOLE
@given(candidates())
def test_levels_agree(rows):
    summary = run(frame_of(rows)).summary
    at = {level: summary.filter(level=level) for level in ("city", "county", "school", "class")}
    for counted in ("n_registered", "n_sat", "n_absent", "n_exempt"):
        sums = [frame.group_by("subject").agg(pl.col(counted).sum()).sort("subject") for frame in at.values()]
        assert all(found.equals(sums[0]) for found in sums)


@WHOLE
@given(candidates(min_size=2))
def test_figures_are_those_of_numpy(rows):
    city = run(frame_of(rows)).summary.filter(level="city", subject="math").row(0, named=True)
    marks = np.array([row["math"] for row in rows if not isinstance(row["math"], str)])
    assert city["n_sat"] == len(marks)
    if len(marks) > 1:
        assert city["mean"] == pytest.approx(marks.mean(), rel=1e-14)
        assert city["sd"] == pytest.approx(marks.std(ddof=1), rel=1e-12, abs=1e-12)
        for percent in (10, 25, 50, 75, 90):
            expected = np.percentile(marks, percent, method="linear")
            assert city[f"p{percent}"] == pytest.approx(expected, rel=1e-14, abs=1e-14)


@WHOLE
@given(candidates())
def test_ranks_are_those_of_a_sort_and_figures_keep_their_order(rows):
    found = run(frame_of(rows)).standings.filter(pl.col("status") == "present")
    for level, keys in (
        ("city", []),
        ("county", ["county_code"]),
        ("school", ["school_code"]),
        ("class", ["school_code", "class_code"]),
    ):
        family = ["subject", *keys]
        checked = found.with_columns(
            pl.col("mark").rank("min", descending=True).over(family).alias("rank"),
            ((pl.col("mark").rank("average").over(family) - 0.5) * 100 / pl.len().over(family)).alias("pr"),
        )
        assert checked[f"{level}_rank"].to_list() == checked["rank"].to_list()
        assert checked[f"{level}_percentile_rank"].to_list() == pytest.approx(checked["pr"].to_list())
        for figure in ("percentile_rank", "z_score", "t_score", "normalized_t_score"):
            ordered = checked.sort(*family, "mark").select((pl.col(f"{level}_{figure}").diff() >= 0).over(family))
            assert ordered.to_series().drop_nulls().all()
        z = checked.group_by(family).agg(pl.col(f"{level}_z_score").mean())[f"{level}_z_score"]
        assert z.to_list() == pytest.approx([0] * len(z), abs=1e-9)


@WHOLE
@given(candidates())
def test_tables_count_everyone_present_once(rows):
    result = run(frame_of(rows))
    keys = ["level", "county_code", "school_code", "subject"]
    present = result.summary.filter((pl.col("level") != "class") & (pl.col("n_sat") > 0))
    expected = present.select(*keys, pl.col("n_sat").alias("count"))
    for table in (result.cumulative, result.bands):
        counted = table.group_by(keys, maintain_order=True).agg(pl.col("count").sum())
        assert counted.sort(keys).equals(expected.sort(keys))
    lowest = result.cumulative.group_by(keys).agg(pl.col("cumulative_share").last())
    assert set(lowest["cumulative_share"]) <= {1.0}
