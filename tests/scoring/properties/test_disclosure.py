"""No subtraction brings a withheld group back (docs/scoring.md §9)."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.disclosure import mark_suppressed
from tests.scoring.properties.strategies import QUICK

MIN_N = 10
SIZES = st.sampled_from([0, 1, 2, 4, 9, 10, 11, 15, 30])


@st.composite
def cities(draw: st.DrawFn) -> pl.DataFrame:
    """Counties, schools and classes of any size, with the sums above them."""
    classes = [
        (f"k{k}", f"s{k}{s}", f"c{c}", draw(SIZES))
        for k in range(draw(st.integers(1, 3)))
        for s in range(draw(st.integers(1, 3)))
        for c in range(draw(st.integers(1, 3)))
    ]
    frame = pl.DataFrame(classes, schema=["county_code", "school_code", "class_code", "n_sat"], orient="row")
    keys = ["county_code", "school_code", "class_code"]
    parts = []
    for depth, level in enumerate(("city", "county", "school", "class")):
        grouped = frame.with_columns(pl.lit(None, pl.String).alias(key) for key in keys[depth:])
        parts.append(grouped.group_by(keys).agg(pl.col("n_sat").sum()).with_columns(pl.lit(level).alias("level")))
    return pl.concat(parts).with_columns(pl.lit("math").alias("subject"), pl.col("n_sat").alias("n_registered"))


def equations(frame):
    """One row per group that has parts: the group minus its parts is 0."""
    rows = frame.select("county_code", "school_code", "class_code").rows()
    places = {row: place for place, row in enumerate(rows)}
    system = []
    for row, place in places.items():
        depth = sum(code is not None for code in row)
        parts = [other for key, other in places.items() if key[:depth] == row[:depth] and _depth(key) == depth + 1]
        if parts:
            line = np.zeros(len(rows))
            line[place] = 1
            line[parts] = -1
            system.append(line)
    return np.array(system)


def _depth(key):
    return sum(code is not None for code in key)


@QUICK
@given(cities())
def test_no_small_group_is_determined_by_what_is_shown(frame):
    found = mark_suppressed(frame, min_n=MIN_N, by=["subject"])
    hidden = np.flatnonzero(found["suppressed"].to_numpy())
    unknown = equations(found)[:, hidden]
    # A cell is determined if its unit vector lies in the row space of the equations over the hidden cells.
    rank = np.linalg.matrix_rank(unknown) if hidden.size else 0
    small = found["suppression"].to_numpy()[hidden] == "primary"
    top = found["level"].to_numpy()[hidden] == "city"
    sat = found["n_sat"].to_numpy()[hidden] > 0
    for place in np.flatnonzero(small & ~top & sat):
        unit = np.zeros(hidden.size)
        unit[place] = 1
        assert np.linalg.matrix_rank(np.vstack([unknown, unit])) == rank + 1


@QUICK
@given(cities())
def test_what_subtraction_does_give_is_never_a_small_group(frame):
    found = mark_suppressed(frame, min_n=MIN_N, by=["subject"])
    for level, keys in (("county", []), ("school", ["county_code"]), ("class", ["county_code", "school_code"])):
        above = {"county": "city", "school": "county", "class": "school"}[level]
        shown = found.filter((pl.col("level") == above) & ~pl.col("suppressed"))
        withheld = found.filter((pl.col("level") == level) & pl.col("suppressed"))
        if keys:
            withheld = withheld.join(shown.select(keys), on=keys, how="semi")
        elif shown.is_empty():
            continue
        rest = withheld.group_by(keys or ["subject"]).agg(pl.col("n_sat").sum(), pl.len())
        assert (rest["n_sat"] >= MIN_N).all()
        assert (rest["len"] >= 2).all()


@QUICK
@given(cities())
def test_every_small_group_is_withheld_and_order_does_not_matter(frame):
    found = mark_suppressed(frame, min_n=MIN_N, by=["subject"])
    assert found.drop("suppressed", "suppression").equals(frame)
    small = (pl.col("n_registered") > 0) & (pl.col("n_sat") < MIN_N)
    assert found.filter(small)["suppressed"].all()
    turned = mark_suppressed(frame.reverse(), min_n=MIN_N, by=["subject"])
    assert turned.reverse().equals(found)
