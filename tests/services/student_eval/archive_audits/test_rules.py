"""The draw and its rates, as pure tables."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.student_eval.archive_samples.rules import (
    FRAME_SCHEMA,
    RATE_SCHEMA,
    commitment_of,
    drawn,
    rates_of,
    school_part,
    schools_of,
    whole_rate,
)
from tools import check_archive_sample

DESIGN = {"flagged_rate": 0.5, "other_rate": 0.1, "least_each": 1}


def frame(size: int = 60) -> pl.DataFrame:
    rows = [
        (f"s{n % 2}", f"c{n % 3}", f"r{n:03}", n % 5 == 0, f"pupil{n}", f"99/9900/990001/s{n % 2}/")
        for n in range(size)
    ]
    return pl.DataFrame(rows, schema=FRAME_SCHEMA, orient="row")


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1), st.integers(0, 10**6))
def test_the_draw_depends_on_the_seed_and_not_on_the_order(seed: str, shuffle: int) -> None:
    whole = frame()
    chosen = drawn(whole, DESIGN, seed=seed)
    assert drawn(whole.sample(fraction=1, shuffle=True, seed=shuffle), DESIGN, seed=seed).equals(chosen)
    # Of each of twelve strata: half of two flagged ones, a tenth of eight others, rounded up.
    assert chosen.group_by("school_code", "class_code", "is_flagged").len()["len"].to_list() == [1] * 12


def test_the_tool_that_shares_no_code_draws_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, seed, term = frame(500), "彩票 2026-11-25 07 11 23", "2026-2027-1"
    file = tmp_path / "frame.ndjson"
    file.write_bytes(school_part(whole, "s0").write_ndjson().encode())
    told = [str(file), seed, commitment_of(term, seed), term, "0.5", "0.1", "1"]
    assert check_archive_sample.main(told) == 0
    fingerprint, *records = capsys.readouterr().out.split()
    assert fingerprint == schools_of(whole)["s0"]["frame_hash"]
    assert records == drawn(whole, DESIGN, seed=seed).filter(school_code="s0")["record"].to_list()
    assert check_archive_sample.main([told[0], "another seed", *told[2:]]) == 1


def test_seeds_differ_and_so_do_frames() -> None:
    whole = frame(600)
    draws = {tuple(drawn(whole, DESIGN, seed=f"seed {n}")["record"]) for n in range(20)}
    assert len(draws) == 20
    # A record more changes the fingerprint, and with it the whole draw of its school: nobody can add one beside it.
    more = pl.concat([whole, frame(602)[600:601]])
    first, second = (
        drawn(each, DESIGN, seed="x").filter(school_code="s0")["record"].to_list() for each in (whole, more)
    )
    assert len(set(first) & set(second)) < len(first) / 2


def test_rates_weigh_flagged_and_others_and_hide_small_schools() -> None:
    schools = schools_of(frame(200)) | {"s2": {"records": 9, "flagged": 0}}
    rows = [("s0", True, "false", 6), ("s0", True, "confirmed", 4), ("s0", False, "confirmed", 10)]
    rows += [("s1", False, "confirmed", 12), ("s1", True, None, 3), ("s2", False, "not_proved", 2)]
    counts = pl.DataFrame(rows, schema=RATE_SCHEMA, orient="row")
    told = {row["school_code"]: row for row in rates_of(counts, schools, least=None).to_dicts()}
    # Twenty of a hundred records are flagged, six tenths of them false.
    assert (told["s0"]["false_rate"], told["s0"]["estimated_false_rate"]) == (6 / 20, (20 * 0.6 + 80 * 0) / 100)
    assert (told["s1"]["drawn"], told["s1"]["examined"], told["s1"]["estimated_false_rate"]) == (15, 12, None)
    assert (told["s2"]["false_rate"], told["s2"]["ci_low"], told["s2"]["not_proved"]) == (0, 0, 2)
    assert whole_rate(rates_of(counts, schools, least=None), least=10)["false_rate"] == 6 / 34
    assert whole_rate(rates_of(counts, schools, least=None), least=35) is None
    hidden = rates_of(counts, schools, least=10)
    assert hidden["is_withheld"].to_list() == [False, True, True]
    assert hidden["examined"].to_list() == [20, None, None]
