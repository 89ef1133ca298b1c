"""What a report notices and proposes, as pure decisions."""

from typing import Any

import pytest

from services.monitoring.reports.findings import Finding, FindingKind, findings
from services.monitoring.reports.printing.document import words
from services.monitoring.reports.rules import (
    PupilReason,
    ReportLevel,
    Scope,
    Verdict,
    opposite,
    report_scope,
    require_pupils_shown,
    subject_of,
    verdict,
)
from services.monitoring.reports.suggestions import content, suggestions
from shared.policy.visibility import ResultVisibility, result_visibility
from shared.scoring.printed_figures import within
from shared.terms.actor import Actor
from shared.terms.education import Stage
from shared.terms.errors import DomainError
from tests.services.monitoring.results.city import CITY_ADMIN, SCHOOLS, at_county, at_school

OWN = SCHOOLS["2199000001"]


def seen(who: Actor) -> ResultVisibility:
    return result_visibility(who, stage=Stage.JUNIOR_SECONDARY, exam_kind="graduation_mock")


def scope(who: Actor, level: ReportLevel, *classes: str, **place: str | None) -> Scope:
    named = {"county_code": None, "school_code": None, **place}
    return report_scope(level, seen(who), class_codes=classes, **named)


def test_the_own_place_need_not_be_named() -> None:
    assert scope(at_school(OWN), ReportLevel.SCHOOL).school_code == OWN.code
    assert scope(at_school(OWN), ReportLevel.TEACHER, "c1", "c2", "c1").class_codes == ("c1", "c2")
    assert scope(at_county("990001"), ReportLevel.COUNTY).county_code == "990001"
    assert scope(at_school(OWN), ReportLevel.COUNTY).county_code == "990001"
    assert scope(CITY_ADMIN, ReportLevel.CITY) == Scope(level=ReportLevel.CITY)


@pytest.mark.parametrize(
    ("who", "level", "classes", "place"),
    [
        (CITY_ADMIN, ReportLevel.SCHOOL, (), {}),
        (CITY_ADMIN, ReportLevel.COUNTY, (), {}),
        (CITY_ADMIN, ReportLevel.CITY, (), {"county_code": "990001"}),
        (CITY_ADMIN, ReportLevel.COUNTY, (), {"county_code": "990001", "school_code": OWN.code}),
        (at_school(OWN), ReportLevel.CLASS, (), {}),
        (at_school(OWN), ReportLevel.CLASS, ("c1", "c2"), {}),
        (at_school(OWN), ReportLevel.TEACHER, tuple(f"c{n}" for n in range(11)), {}),
        (at_school(OWN), ReportLevel.SCHOOL, ("c1",), {}),
    ],
)
def test_an_unclear_scope_is_refused(
    who: Actor, level: ReportLevel, classes: tuple[str, ...], place: dict[str, str]
) -> None:
    with pytest.raises(DomainError, match=r"report\.scope_unclear"):
        scope(who, level, *classes, **place)


def test_only_an_interval_clear_of_zero_is_a_verdict() -> None:
    assert verdict((0.01, 0.2)) is Verdict.STRENGTH
    assert verdict((-0.2, -0.01)) is Verdict.GAP
    assert verdict((0.0, 0.2)) is verdict((-0.2, 0.0)) is Verdict.IN_LINE
    assert verdict(None) is None
    assert [opposite(found) for found in (Verdict.STRENGTH, Verdict.GAP, Verdict.IN_LINE, None)] == [
        Verdict.GAP,
        Verdict.STRENGTH,
        Verdict.IN_LINE,
        None,
    ]


def test_pupils_are_for_teachers_with_classes_and_the_head() -> None:
    whole, classes = (
        Scope(level=ReportLevel.SCHOOL, school_code=OWN.code),
        scope(at_school(OWN), ReportLevel.CLASS, "c1"),
    )
    require_pupils_shown(seen(at_school(OWN)), whole)
    require_pupils_shown(seen(at_school(OWN, "teacher")), classes)
    refused = ((at_school(OWN, "teacher"), whole), (CITY_ADMIN, classes), (at_school(OWN, "inspector"), classes))
    for who, asked in refused:
        with pytest.raises(DomainError, match=r"report\.pupils_withheld"):
            require_pupils_shown(seen(who), asked)


def test_reports_are_of_outcomes_and_their_total() -> None:
    subjects = [{"code": "a", "role": "outcome"}, {"code": "b", "role": "outcome"}, {"code": "c", "role": "intake"}]
    named = {"subjects": [{"name_zh": "甲", "name_en": "A", "full_mark": "100", **subject} for subject in subjects]}
    assert subject_of(named, "a")["full_mark"] == "100"
    assert subject_of(named, "total")["full_mark"] is None
    for definition, code in ((named, "c"), (named, "x"), ({"subjects": named["subjects"][:1]}, "total")):
        with pytest.raises(DomainError, match=r"resource\.not_found"):
            subject_of(definition, code)


def section(**changes: Any) -> dict[str, Any]:
    """A section in which nothing is noticed."""
    nothing = {"verdict": Verdict.IN_LINE}
    rates = [{"code": code, **nothing} for code in ("excellent", "good", "pass", "low_score")]
    gaps = {"reference": "city", "mean": nothing, "participation": nothing, "rates": rates}
    plain = {"members": [], "value_added": [], "options": [], "items": None}
    names = ("knowledge_points", "competencies", "cognitive_levels", "question_types")
    aspects = dict.fromkeys(names)
    return {"group": {"gaps": [gaps]}, "reference": "city", **plain, **aspects, **changes}


def kinds(found: list[Finding]) -> list[FindingKind]:
    return [finding.kind for finding in found]


def test_nothing_beyond_chance_is_no_finding() -> None:
    assert findings(section()) == []
    assert findings(section(reference=None)) == []


def test_rates_are_noticed_where_they_are_worse() -> None:
    base = section()
    gaps = base["group"]["gaps"][0]
    gaps["mean"] = {"verdict": Verdict.GAP}
    gaps["participation"] = {"verdict": Verdict.GAP}
    gaps["rates"] = [{"code": code, "verdict": Verdict.GAP} for code in ("excellent", "good", "pass", "low_score")]
    assert kinds(findings(base)) == [
        FindingKind.MEAN_BEHIND,
        FindingKind.FEWER_EXCELLENT,
        FindingKind.FEWER_PASSING,
        FindingKind.MORE_LOW_SCORES,
        FindingKind.PARTICIPATION_BEHIND,
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("well_below", [FindingKind.VALUE_ADDED_BELOW]),
        ("above", [FindingKind.VALUE_ADDED_ABOVE]),
        ("not_classifiable", [FindingKind.VALUE_ADDED_UNCLEAR]),
        ("as_expected", []),
        (None, []),
    ],
)
def test_value_added_is_told_by_its_label(label: str | None, expected: list[FindingKind]) -> None:
    assert kinds(findings(section(value_added=[{"label": label}]))) == expected


def test_a_doubtful_key_and_a_distractor_are_noticed() -> None:
    def option(name: str | None, **changes: Any) -> dict[str, Any]:
        return {"option": name, "is_key": False, "own_shares": [], "outdraws_key_at_top": False, **changes}

    more = [{"verdict": Verdict.STRENGTH}]
    items = [
        {"code": "3", "options": [option("A", outdraws_key_at_top=True), option("B", is_key=True, own_shares=more)]},
        {"code": "4", "options": [option("C", own_shares=more), option(None, own_shares=more)]},
    ]
    found = findings(section(options=items))
    assert found == [
        Finding(FindingKind.KEY_IN_DOUBT, ("3",)),
        Finding(FindingKind.DISTRACTOR_CHOSEN_MORE, ("4C",)),
    ]


def test_every_kind_of_finding_has_a_suggestion_under_one_of_the_seven_links() -> None:
    loaded = content()
    assert set(loaded["suggestions"]) == {kind.value for kind in FindingKind}
    assert [link["zh"] for link in loaded["links"].values()] == list("备教批辅考研评")
    for entries in loaded["suggestions"].values():
        for entry in entries:
            assert entry["link"] in loaded["links"]
            assert entry["zh"]
            assert entry["en"]
            assert ("{about}" in entry["zh"]) == ("{about}" in entry["en"])


def test_suggestions_name_what_they_concern_and_no_more_than_five() -> None:
    [prepare, *_] = suggestions([Finding(FindingKind.KNOWLEDGE_GAP, tuple("甲乙丙丁戊己"))])
    assert prepare["link"] == "prepare"
    assert "甲、乙、丙、丁、戊等" in prepare["items"][0]["zh"]
    assert "甲, 乙, 丙, 丁, 戊 and others" in prepare["items"][0]["en"]
    assert suggestions([]) == []


def test_every_word_that_a_figure_can_need_is_there() -> None:
    text = words()
    assert set(text["pupil_reasons"]) == set(PupilReason)
    assert set(text["verdicts"]) == set(Verdict)
    assert set(text["grades"]) == set(range(1, 13))


def test_intervals_of_means_end_at_what_can_be_reached() -> None:
    assert within((-15.0, 122.7), 100.0) == (0.0, 100.0)
    assert within((40.0, 60.0), None) == (40.0, 60.0)
    assert within(None, 100.0) is None
