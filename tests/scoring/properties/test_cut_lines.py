"""What holds for every line (docs/scoring.md §5)."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.cut_lines.borderline import borderline_candidates
from shared.scoring.cut_lines.effective import EffectiveMethod, effective_marks, effective_table
from shared.scoring.cut_lines.lines import CutLine, draw_lines
from shared.scoring.cut_lines.quadrants import quadrant_table
from shared.scoring.cut_lines.rates import online_rates
from shared.scoring.cut_lines.summary import gather_track, merge_tracks
from tests.scoring.spec.cut_lines.track import histograms_of, line, track_of

FEW = settings(max_examples=10, deadline=None)
CELLS = st.one_of(*[st.integers(0, 10)] * 4, st.sampled_from(["absent", "void", "exempt", "not_entered"]))


@st.composite
def candidates(draw, *, min_size=1):
    count = draw(st.integers(min_size, 30))
    return [
        {
            "id": f"p{number:02d}",
            "school": (school := draw(st.sampled_from("abcd"))),
            "county": "k1" if school < "c" else "k2",
            "class": draw(st.sampled_from("12")),
            "math": draw(CELLS),
            "art": draw(CELLS),
        }
        for number in range(count)
    ]


LINES = st.lists(st.decimals(0, 20, places=1), min_size=1, max_size=3, unique=True)


def drawn(rows, marks):
    summary = gather_track(track_of(rows))
    lines = [line(str(mark), code=f"l{number}") for number, mark in enumerate(marks)]
    return summary, draw_lines(lines, summary.total, track="physics")


def totals(rows):
    cells = [(row["math"], row["art"]) for row in rows]
    return [(math, art, math + art) for math, art in cells if isinstance(math, int) and isinstance(art, int)]


@FEW
@given(candidates(), st.data())
def test_however_a_track_is_divided_its_summary_is_the_same(rows, data):
    parts = [[] for _ in range(3)]
    for row in rows:
        parts[data.draw(st.integers(0, 2))].append(row)
    gathered = data.draw(st.permutations([gather_track(track_of(part)) for part in parts if part]))
    assert merge_tracks(gathered) == gather_track(track_of(data.draw(st.permutations(rows))))


@FEW
@given(candidates(min_size=2), candidates())
def test_replacing_a_school_is_the_same_as_starting_again(rows, corrected):
    old = [row for row in rows if row["school"] == "a"]
    rest = [row for row in rows if row["school"] != "a"]
    new = [row | {"id": "n" + row["id"], "school": "a", "county": "k1"} for row in corrected]
    city = gather_track(track_of(rows))
    if old:
        city = city - gather_track(track_of(old))
    assert city + gather_track(track_of(new)) == gather_track(track_of(rest + new))


@FEW
@given(candidates(), LINES)
def test_counts_are_those_of_the_rows(rows, marks):
    summary, lines = drawn(rows, marks)
    rates = online_rates(summary, lines).filter(level="city")
    sat = totals(rows)
    for row in rates.rows(named=True):
        expected = sum(Decimal(total) >= Decimal(str(row["line_mark"])) for *_, total in sat)
        assert (row["n_sat"], row["n_online"]) == (len(sat), expected)
    assert rates["line_mark"].is_sorted(descending=True)
    assert rates["n_online"].is_sorted()


@FEW
@given(candidates(), LINES)
def test_parts_add_up_to_the_whole(rows, marks):
    summary, lines = drawn(rows, marks)
    quadrants = quadrant_table(summary, effective_marks(summary, lines))
    counts = ["n", "double_online", "subject_only", "total_only", "neither"]
    if quadrants.is_empty():
        assert all(not found.n_online for found in effective_marks(summary, lines))
        return
    assert (quadrants.select(pl.sum_horizontal(counts[1:]))["double_online"] == quadrants["n"]).all()
    by_level = quadrants.group_by("line", "subject", "level").agg(pl.col(counts).sum())
    assert by_level.drop("level").unique().height == by_level.height / 4
    rates = (
        online_rates(summary, lines).group_by("line", "level").agg(pl.col("n_registered", "n_sat", "n_online").sum())
    )
    assert rates.drop("level").unique().height == rates.height / 4


@FEW
@given(candidates(), LINES)
def test_the_four_quadrants_are_those_of_the_rows(rows, marks):
    summary, lines = drawn(rows, marks)
    found = effective_marks(summary, lines)
    city = quadrant_table(summary, found)
    sat = totals(rows)
    for one in found:
        if one.mark is None:
            continue
        place = 0 if one.subject.code == "math" else 1
        pairs = [(cells[place] >= one.mark, cells[2] >= one.line.mark) for cells in sat]
        row = city.filter(level="city", line=one.line.line.code, subject=one.subject.code).row(0, named=True)
        assert row["double_online"] == pairs.count((True, True))
        assert row["subject_only"] == pairs.count((True, False))
        assert row["total_only"] == pairs.count((False, True))
        for rate in ("hit_rate", "contribution_rate"):
            assert row[rate] is None or row[f"{rate}_ci_low"] <= row[rate] <= row[f"{rate}_ci_high"]


@FEW
@given(candidates(), LINES)
def test_the_effective_mark_is_the_highest_that_as_many_reach(rows, marks):
    summary, lines = drawn(rows, marks)
    sat = totals(rows)
    for one in effective_marks(summary, lines):
        if one.mark is None:
            assert one.n_online == 0
            continue
        reached = [cells[0 if one.subject.code == "math" else 1] for cells in sat]
        assert sum(mark >= one.mark for mark in reached) >= one.n_online
        assert sum(mark > one.mark for mark in reached) < one.n_online
        assert one.low <= one.mark <= one.high


@FEW
@given(candidates(), LINES)
def test_mean_shares_add_up_to_the_line(rows, marks):
    summary, lines = drawn(rows, marks)
    found = effective_marks(summary, lines, method=EffectiveMethod.MEAN_SHARE)
    for drawn_line in lines:
        own = [one.mark for one in found if one.line == drawn_line]
        assert None in own or sum(own) == drawn_line.mark
    assert effective_table(found).height == len(found)


@FEW
@given(candidates(), st.data())
def test_a_headcount_is_let_in_and_no_more_than_needed(rows, data):
    summary = gather_track(track_of(rows))
    sat = [total for *_, total in totals(rows)]
    if not sat:
        return
    headcount = data.draw(st.integers(1, len(sat)))
    (found,) = draw_lines([CutLine(code="l", track="physics", headcount=headcount)], summary.total, track="physics")
    assert found.reached == sum(total >= found.mark for total in sat) >= headcount
    assert sum(total > found.mark for total in sat) < headcount


@FEW
@given(candidates(), LINES, st.sampled_from(["exempt", "not_entered"]))
def test_who_took_no_part_changes_nothing_and_who_was_absent_only_the_registered_base(rows, marks, status):
    summary, lines = drawn(rows, marks)
    extra = {"id": "x", "school": "a", "county": "k1", "class": "1", "math": status, "art": 3}
    one_more = gather_track(track_of([*rows, extra]))
    city = online_rates(summary, lines).filter(level="city")
    assert online_rates(one_more, lines).filter(level="city").equals(city)
    absent = online_rates(gather_track(track_of([*rows, extra | {"math": "absent"}])), lines).filter(level="city")
    assert absent["n_registered"].to_list() == (city["n_registered"] + 1).to_list()
    assert absent["online_rate"].equals(city["online_rate"])


@FEW
@given(candidates(), LINES, st.data())
def test_borderline_candidates_do_not_depend_on_partitions(rows, marks, data):
    _, lines = drawn(rows, marks)
    histograms = histograms_of(rows)
    whole = borderline_candidates(track_of(rows), lines, histograms)
    cut = data.draw(st.integers(1, len(rows)))
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    found = pl.concat(borderline_candidates(track_of(part), lines, histograms) for part in parts)
    keys = ["line", "candidate_id"]
    assert found.sort(keys).equals(whole.sort(keys))
    assert (whole["distance"].abs() <= 10).all()
