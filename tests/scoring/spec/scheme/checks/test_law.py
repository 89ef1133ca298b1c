"""The law."""

from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import SMALL, found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("law") == []


def test_an_objection_stands_at_its_line() -> None:
    found = found_by("law", ("zh: 生均图书", "zh: 升学率"), law=scheme_objections)
    assert found == [(Level.ERROR, "scheme_law.entrance_rate", "B2", line_of("code: B2"))]


def test_one_against_the_whole_stands_at_the_schemes() -> None:
    changes = (("{kind: statistics, key: books_per_student}", "{kind: monitoring, key: attainment.mean}"),)
    found = found_by("law", *changes, law=scheme_objections)
    assert found == [(Level.ERROR, "scheme_law.share_too_large", None, 1)]


def test_what_is_only_observed_at_city_level_passes() -> None:
    changes = (
        ("of: school", "of: city"),
        ("zh: 生均图书", "zh: 本科上线率"),
        ("code: B2\n", "code: B2\n        observed_only: true\n"),
    )
    assert found_by("law", *changes, law=scheme_objections) == []


def test_a_law_that_comes_into_force_while_a_scheme_holds_refuses_it() -> None:
    old = (("in_force_from: 2026-09-01", "in_force_from: 2019-09-01"), ("zh: 生均图书", "zh: 升学率"))
    assert [finding[1] for finding in found_by("law", *old, law=scheme_objections)] == ["scheme_law.entrance_rate"]
    ended = (("in_force_from: 2026-09-01", "in_force_from: 2018-09-01\nin_force_until: 2020-08-31"), old[1])
    dated = SMALL.replace("from: 2026-09-01,", "from: 2018-09-01,").replace("from: 2027-09-01,", "from: 2019-09-01,")
    assert found_by("law", *ended, text=dated, law=scheme_objections) == []
