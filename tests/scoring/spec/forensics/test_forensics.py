"""What each detector finds, as tiny tables (docs/scoring.md §7c)."""

import datetime as dt

import polars as pl
import pytest

from shared.scoring.forensics import record_findings
from shared.scoring.forensics.base import FindingKind
from shared.scoring.forensics.hours import overfull_spans
from shared.scoring.forensics.near_copies import near_pairs
from tests.scoring.forensics_builders import FIRST, PARAMETERS, files, record, records

NONE = files()
DAY = dt.timedelta(days=1)
WRITTEN = dt.datetime(2026, 9, 2, 4, tzinfo=dt.UTC)


def found(rows, held=NONE):
    return {(each.kind.value, each.records) for each in record_findings(records(*rows), held, PARAMETERS)}


def test_a_file_of_several_pupils_and_not_of_one():
    rows = [record("a", "s1"), record("b", "s2", minutes=90), record("c", "s1", began_on=FIRST - DAY)]
    held = files(("a", "x"), ("b", "x"), ("c", "y"), ("a", "y"), ("a", "x"), ("gone", "y"))
    assert found(rows, held) == {("same_file", ("a", "b"))}


def test_a_file_of_other_schools_too():
    held = files(("a", "x"), ("b", "y")).with_columns(elsewhere=pl.col("sha256").replace_strict({"x": 3, "y": 0}))
    (finding,) = record_findings(records(record("a"), record("b", "s2", minutes=90)), held, PARAMETERS)
    assert (finding.kind, finding.records, finding.figures["elsewhere"]) == (FindingKind.FILE_ELSEWHERE, ("a",), 3)


@pytest.mark.parametrize(
    ("minutes", "ended", "kind"),
    [
        (960, None, None),
        (961, None, "record_overfull"),
        (1_921, FIRST + DAY, "record_overfull"),
        (1_920, FIRST + DAY, None),
    ],
)
def test_a_record_longer_than_its_days(minutes, ended, kind):
    assert {name for name, _ in found([record("a", minutes=minutes, ended_on=ended)])} == ({kind} - {None})


def test_a_day_and_days_that_are_too_full():
    day = [record("a", minutes=500), record("b", minutes=500, place="b")]
    assert found(day) == {("day_overfull", ("a", "b"))}
    assert found([day[0], record("b", "s2", minutes=500)]) == set()
    # Two camps of three days, of which two are the same: four days of 960 minutes hold 3,840 and no more.
    camps = [
        record("a", ended_on=FIRST + 2 * DAY, minutes=2_100),
        record("b", began_on=FIRST + DAY, ended_on=FIRST + 3 * DAY, minutes=1_700),
    ]
    assert found(camps) == set()
    assert found([camps[0], camps[1] | {"minutes": 1_800}]) == {("days_overfull", ("a", "b"))}


def test_a_record_of_several_times_may_have_gone_on_until_it_was_written():
    assert found([record("a", minutes=1_900, count=4)]) == set()
    assert found([record("a", minutes=1_900, count=1)]) == {("record_overfull", ("a",))}


def test_the_shortest_span_alone_is_told():
    days = [FIRST, FIRST + DAY, FIRST + 2 * DAY]
    spans = pl.DataFrame({"who": "x", "first_on": days, "last_on": days, "minutes": [100, 5_000, 100]})
    over = overfull_spans(spans, key="who", most=960)
    assert over.rows() == [("x", FIRST + DAY, 5_000, 960, FIRST + DAY)]


def test_a_certifier_at_too_many_events_and_not_at_one_with_many_pupils():
    together = [record(f"a{n}", f"s{n}", minutes=600) for n in range(9)]
    assert found(together) == set()
    apart = [record(f"a{n}", f"s{n}", minutes=600, place=f"p{n}") for n in range(3)]
    assert found(apart) == {("certifier_overfull", ("a0", "a1", "a2"))}
    assert found([row | {"certifier": None} for row in apart]) == set()


def test_a_burst_is_one_run_of_one_account():
    def at(number, seconds, account="s1"):
        when = WRITTEN + dt.timedelta(seconds=seconds)
        return record(f"r{number}", account, began_on=FIRST - number * DAY, written_at=when)

    assert found([at(n, 60 * n) for n in range(4)]) == set()
    assert found([at(n, 200 * n) for n in range(5)]) == set()
    run = [at(n, 150 * n) for n in range(7)]
    assert found([*run, at(8, 100_000)]) == {("burst", tuple(f"r{n}" for n in range(7)))}
    assert found([row | {"is_own": False} for row in run]) == set()
    (finding,) = record_findings(records(*run), NONE, PARAMETERS)
    assert (finding.figures["count"], finding.figures["first_at"]) == (7, "2026-09-02T04:00:00.000000+00:00")


def term(late_pupils, late_each):
    """A class of six with four records each; the last ones of some pupils are written when the term ends."""
    rows = []
    for pupil in range(6):
        for number in range(4):
            is_late = pupil in late_pupils and number >= 4 - late_each
            at = WRITTEN + (90 if is_late or (pupil, number) == (0, 3) else 10 * number) * DAY
            happened = FIRST + (88 if (pupil, number) == (0, 3) and not is_late else 10 * number - 1) * DAY
            changes = {"began_on": happened, "written_at": at, "place": f"{pupil}", "minutes": 30 + pupil}
            rows.append(record(f"r{pupil}-{number}", f"s{pupil}", **changes))
    return rows


def test_who_writes_at_the_end_stands_out_of_the_class_unless_all_do():
    late = tuple(f"r3-{n}" for n in (1, 2, 3))
    assert found(term({3}, 3)) == {("late_in_term", late), ("long_after", late)}
    assert found(term({3}, 2)) == set()
    kinds = {kind for kind, _ in found(term(set(range(6)), 4))}
    assert kinds == {"class_late_in_term"}


def test_a_young_term_and_records_written_in_good_time_are_not_late():
    young = [record(f"r{pupil}-{n}", f"s{pupil}", minutes=30 + n) for pupil in range(6) for n in range(4)]
    assert found(young) == set()


def test_near_texts_in_groups_of_different_pupils():
    text = "今天我和同学们一起在社区服务站打扫卫生，整理图书，陪伴老人聊天，收获很多。"
    near = text.replace("打扫卫生", "打扫了院子").replace("，", " ")
    other = "周末在县图书馆参加古籍整理活动，学习了装帧知识，还给小朋友讲了三个故事。"
    rows = [record(name, student, text=words) for name, student, words in (
        ("a", "s1", text), ("b", "s2", near), ("c", "s3", other), ("d", "s1", other[::-1]), ("e", "s4", text))]  # fmt: skip
    (finding,) = record_findings(records(*rows), NONE, PARAMETERS)
    assert (finding.kind, finding.records, finding.students) == (
        FindingKind.NEAR_TEXT,
        ("a", "b", "e"),
        ("s1", "s2", "s4"),
    )
    assert finding.figures["most_similarity"] == 1.0
    assert 0.7 <= finding.figures["least_similarity"] < 1.0
    own = [record("a", text=text), record("b", text=text)]
    assert found(own) == set()
    assert found([row | {"text": "志愿服务"} for row in rows]) == set()


def test_similarity_is_the_share_of_pieces():
    first, second, share = near_pairs(pl.Series(["abcdef", "abcdeg", "uvwxyz"]), least=0.5)
    # abc, bcd, cde of abc, bcd, cde, def, deg.
    assert (first.tolist(), second.tolist(), share.tolist()) == ([0], [1], [3 / 5])
    assert near_pairs(pl.Series([], dtype=pl.String), least=0.5)[0].tolist() == []


def test_nothing_is_found_in_nothing():
    assert record_findings(records(), NONE, PARAMETERS) == []
