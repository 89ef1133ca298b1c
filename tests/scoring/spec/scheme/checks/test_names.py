"""Names in both languages."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("names") == []


def test_each_name_is_in_its_language() -> None:
    assert found_by("names", ("zh: 德育工作", "zh: Moral"), ("en: Books per student", "en: 生均图书 books")) == [
        (Level.ERROR, "name_not_chinese", "B1", line_of("code: B1")),
        (Level.ERROR, "name_not_english", "B2", line_of("code: B2")),
    ]


def test_siblings_with_one_name_and_long_names_are_noted() -> None:
    assert found_by("names", ("zh: 办学条件", "zh: 办学方向"), ("zh: 生均图书", f"zh: {'生均图书' * 16}")) == [
        (Level.WARNING, "name_twice", "A2", line_of("code: A2")),
        (Level.WARNING, "name_long", "B2", line_of("code: B2")),
    ]
