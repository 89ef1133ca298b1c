"""The law."""

from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


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
