import pytest

from shared.terms.codes import code_lists


def test_every_list_says_where_it_comes_from_and_whether_it_was_checked() -> None:
    for codes in code_lists().values():
        assert codes.source
        assert codes.title.keys() == {"zh", "en"}
        assert isinstance(codes.verified, bool)
        assert codes.items
        assert len({item.zh for item in codes.items}) == len(codes.items), codes.name


def test_the_lists_of_the_field_are_there() -> None:
    assert {
        "school_types",
        "urban_rural_types",
        "ownership_types",
        "subjects",
        "grade_levels",
        "class_types",
        "class_categories",
        "sexes",
        "ethnicities",
        "posts",
        "education_levels",
        "professional_titles",
        "staffing_categories",
        "teaching_stages",
    } <= code_lists().keys()


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("sexes", "女", "2"),
        ("sexes", "2", "2"),
        ("ethnicities", "彝族", "07"),
        ("ethnicities", "97", "97"),
        ("school_types", "九年一贯制学校", "312"),
        ("school_types", "999", None),
    ],
)
def test_a_code_or_its_chinese_name(name: str, text: str, code: str | None) -> None:
    assert code_lists()[name].code_of(text) == code
