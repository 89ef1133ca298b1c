"""What is planted is found, whatever lies around it and in whatever order."""

import datetime as dt
import random
import time

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.forensics import record_findings
from shared.scoring.forensics.base import FindingKind
from shared.scoring.forensics.near_copies import near_pairs
from tests.scoring.forensics_builders import FIRST, PARAMETERS, files, honest_term, record, records, words

DAYS = st.integers(0, 5)
DAY = dt.timedelta(days=1)


def test_an_honest_term_raises_no_question():
    for seed in range(20):
        assert record_findings(records(*honest_term(seed)), files(), PARAMETERS) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_planted_is_found_in_any_order(seed):
    random_ = random.Random(f"planted {seed}")  # noqa: S311  no secret
    rows = honest_term(seed)
    copied, burst, day = random_.sample(range(16), 3)
    text = words(random_, 80)
    at = random_.randrange(78)
    planted = [
        record("t1", f"s{copied}", began_on=None, text=text),
        record("t2", f"s{burst}", began_on=None, text=text[:at] + "改" + text[at + 1 :]),
        record("d1", f"s{day}", began_on=FIRST + dt.timedelta(days=100), minutes=961),
    ]
    start = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    for number in range(5):
        when = start + dt.timedelta(seconds=random_.randrange(600))
        planted.append(record(f"b{number}", f"s{burst}", began_on=None, written_at=when))
    held = [("t1", "x"), ("b0", "x")]
    found = record_findings(records(*rows, *planted), files(*held), PARAMETERS)
    told = {(each.kind.value, each.records) for each in found}
    expected = {("near_text", ("t1", "t2")), ("record_overfull", ("d1",)), ("same_file", ("b0", "t1"))}
    assert expected | {("burst", tuple(f"b{n}" for n in range(5)))} <= told
    shuffled = [*planted, *rows]
    random_.shuffle(shuffled)
    assert record_findings(records(*shuffled), files(*held[::-1]), PARAMETERS) == found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("abc", min_size=3, max_size=12), min_size=2, max_size=25, unique=True), st.floats(0.2, 1))
def test_no_near_pair_is_missed(texts, least):
    first, second, share = near_pairs(pl.Series(texts), least=least)
    sets = [{text[at : at + 3] for at in range(len(text) - 2)} for text in texts]
    expected = {
        (one, other): len(sets[one] & sets[other]) / len(sets[one] | sets[other])
        for one in range(len(texts))
        for other in range(one + 1, len(texts))
    }
    near = {pair: value for pair, value in expected.items() if value >= least}
    assert dict(zip(zip(first.tolist(), second.tolist(), strict=True), share.tolist(), strict=True)) == near


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS, st.integers(1, 4)), min_size=1, max_size=6))
def test_hours_are_impossible_exactly_when_no_division_holds_them(spans):
    """Whole units of work, two a day, against the largest flow by trying: the earliest end is served first."""
    ranges = [(min(a, b), max(a, b), units) for a, b, units in spans]
    rows = [
        record(f"r{n}", began_on=FIRST + DAY * first, ended_on=FIRST + DAY * last, minutes=480 * units)
        for n, (first, last, units) in enumerate(ranges)
    ]
    left = [list(each) for each in ranges]
    for day in range(6):
        for _ in range(2):
            open_ = [work for work in left if work[0] <= day <= work[1] and work[2]]
            if open_:
                min(open_, key=lambda work: work[1])[2] -= 1
    is_possible = not any(work[2] for work in left)
    kinds = {each.kind.value for each in record_findings(records(*rows), files(), PARAMETERS)}
    assert (not kinds & {"record_overfull", "day_overfull", "days_overfull"}) == is_possible


def test_a_pattern_handed_out_hides_no_copy_and_takes_no_longer():
    """3,000 pupils fill in one pattern with twenty characters of their own, too little alike to be asked about."""
    random_ = random.Random("pattern")  # noqa: S311  no secret
    pattern = words(random_, 60)
    rows = [record(f"r{n}", f"s{n}", began_on=None, text=pattern + words(random_, 30)) for n in range(3_000)]
    copied = rows[17]["text"]
    rows[2_900]["text"] = copied[:-2] + words(random_, 2)
    began = time.perf_counter()
    found = [
        each for each in record_findings(records(*rows), files(), PARAMETERS) if each.kind == FindingKind.NEAR_TEXT
    ]
    assert [each.records for each in found] == [("r17", "r2900")]
    assert time.perf_counter() - began < 3


def test_a_school_takes_no_second():
    """1,000 pupils with 40 records each; generous, because the machine may be busy: usually half a second."""
    random_ = np.random.default_rng(1)
    n = 40_000
    codes = random_.integers(0x4E00, 0x4E00 + 2_500, (n, 60), dtype=np.uint32)
    day = pl.Series(random_.integers(0, 120, n))
    texts = [row.tobytes().decode("utf-32-le") for row in codes]
    frame = records(record("r")).clear()
    plain = pl.DataFrame({"serial": pl.int_range(n, eager=True), "day": day, "text": texts})
    on = pl.lit(FIRST) + pl.duration(days="day")
    rows = plain.select(
        record=pl.format("r{}", "serial"), student=pl.format("s{}", pl.col("serial") // 40), class_code=pl.lit("1001"),
        type=pl.lit("clubs"), began_on=on, ended_on=None, minutes=60, count=None, place=pl.lit("社"),
        certifier=pl.format("c{}", pl.col("serial") % 300), text="text", is_own=True,
        written_at=on.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + pl.duration(seconds=pl.col("serial") % 40_000),
        account=pl.format("s{}", pl.col("serial") // 40),
    ).cast(frame.schema)  # fmt: skip
    began = time.perf_counter()
    record_findings(rows, files(), PARAMETERS)
    assert time.perf_counter() - began < 3
