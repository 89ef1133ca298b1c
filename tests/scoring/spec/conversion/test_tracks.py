"""Tracks and converted totals of the 3+1+2 examination (docs/scoring.md §4.4)."""

from decimal import Decimal

import pytest

from shared.scoring.conversion.settings import ConversionSettings
from shared.scoring.conversion.tracks import (
    SelectionScheme,
    conversion_tables,
    track_histograms,
    track_sheets,
    track_standing_tables,
    track_standings,
    whole_track,
)
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import gather_summary
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.scoring.builders import sheet

SCHEME = SelectionScheme()
FULL = dict.fromkeys(SCHEME.common, Decimal(150)) | dict.fromkeys(
    (*SCHEME.first_choices, *SCHEME.electives), Decimal(100)
)
PLAN = AnalysisPlan(outcomes=tuple(Subject(code, full_mark=mark) for code, mark in FULL.items()))
NOTHING = dict.fromkeys(FULL, "not_entered")
COMMON = {"chinese": 100, "mathematics": 90.5, "foreign_language": 80}


def candidate(**marks):
    return NOTHING | COMMON | marks


def tracks_of(*rows):
    checked = sheet(rows, PLAN)
    histograms = gather_summary(checked, PLAN).histograms
    tables = conversion_tables(histograms, SCHEME, ConversionSettings())
    return track_sheets(checked, PLAN, tables=tables, scheme=SCHEME)


def standings_of(part, *levels):
    return track_standings(part, track_standing_tables(track_histograms(part), levels=levels))


def totals(part):
    units = part.sheet.frame["total"].to_list()
    return [unit if unit < 0 else unit * part.total.unit for unit in units]


def test_the_total_adds_raw_common_raw_first_choice_and_converted_electives():
    found = tracks_of(
        candidate(physics=70, chemistry=60, biology=50),
        candidate(physics=60, chemistry=40, geography=30),
        candidate(history=50, politics=20, geography=80),
    )
    # Chemistry 60 → 100, 40 → 70 (half stand above); geography 80 → 100, 30 → 70; alone in biology, politics: 100.
    common = Decimal("270.5")
    assert totals(found["physics"]) == [common + 70 + 100 + 100, common + 60 + 70 + 70]
    assert totals(found["history"]) == [common + 50 + 100 + 100]
    assert found["physics"].total.full_mark == 750
    assert [subject.code for subject in found["history"].subjects] == [*SCHEME.common, "history", *SCHEME.electives]


def test_the_electives_population_is_both_tracks_together():
    found = tracks_of(
        candidate(physics=70, chemistry=10, geography=90), candidate(history=70, chemistry=60, geography=40)
    )
    assert found["physics"].sheet.frame.select("chemistry", "geography").row(0) == (70, 100)
    assert found["history"].sheet.frame.select("chemistry", "geography").row(0) == (100, 70)


def test_whoever_misses_a_subject_entered_has_no_total():
    found = tracks_of(
        candidate(physics=1, chemistry="absent", biology=5),
        candidate(physics=1, chemistry=5, biology=5, mathematics="void"),
        candidate(physics="exempt", chemistry="absent", biology=5),
        candidate(physics=1, chemistry=5),
        candidate(physics=1, chemistry=5, biology=5, chinese="not_entered"),
    )
    assert totals(found["physics"]) == [-1, -2, -3, -4, -4]
    assert found["history"].sheet.frame.is_empty()


def test_whoever_has_no_first_choice_is_in_no_track_but_in_the_population():
    found = tracks_of(candidate(physics=1, chemistry=50, biology=50), candidate(chemistry=60))
    assert found["physics"].sheet.frame["chemistry"].to_list() == [70]
    assert sum(part.sheet.frame.height for part in found.values()) == 1


@pytest.mark.parametrize("extra", [{"history": 5}, {"politics": "absent"}])
def test_two_first_choices_or_three_electives_are_refused(extra):
    with pytest.raises(DomainError) as refused:
        tracks_of(candidate(physics=1, chemistry=5, biology=5, **extra))
    assert refused.value.code == "scoring.sheet_invalid"
    assert [(fault.code, fault.source_id) for fault in refused.value.faults] == [
        ("scoring.selection_impossible", "c0000")
    ]


def test_tracks_are_ranked_apart():
    rows = [candidate(id=f"p{mark}", physics=mark, chemistry=50, biology=50) for mark in (80, 60, 60)]
    rows += [candidate(id=f"h{mark}", history=mark, politics=50, geography=50) for mark in (90, 40)]
    for number, row in enumerate(rows):
        row["id"] += f"-{number}"
    found = tracks_of(*rows)
    ranks = {}
    for part in found.values():
        standings = standings_of(part, OrgLevel.CITY, OrgLevel.SCHOOL)
        total = standings.filter(subject="total")
        ranks[part.track] = total.sort("candidate_id").select("mark", "city_rank", "city_n", "school_rank").rows()
    assert ranks["physics"] == [(530.5, 2, 3, 2), (530.5, 2, 3, 2), (550.5, 1, 3, 1)]
    assert ranks["history"] == [(510.5, 2, 2, 2), (560.5, 1, 2, 1)]


def test_a_subject_not_entered_has_no_standing():
    part = tracks_of(candidate(physics=80, chemistry=50, biology=50))["physics"]
    found = standings_of(part, OrgLevel.CITY)
    assert found.filter(subject="politics").select("track", "mark", "city_rank").row(0) == ("physics", None, None)


def test_an_exam_without_tracks_is_one_track():
    checked = sheet([NOTHING | COMMON], PLAN)
    part = whole_track(checked, PLAN)
    assert (part.track, part.subjects, part.total) == ("all", PLAN.outcomes, PLAN.total)
    assert part.sheet is checked
