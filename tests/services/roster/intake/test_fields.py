"""Fields as senders write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from services.roster.intake.fields import ClassCode, Day, PersonName, SchoolCode


class Fields(BaseModel):
    day: Day | None = None
    name: PersonName | None = None
    school: SchoolCode | None = None
    class_code: ClassCode | None = None


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2100, 1, 1)))
def test_a_date_in_every_spelling_of_files(day: dt.date) -> None:
    for text in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day} 00:00:00",
    ):
        assert Fields(day=text).day == day  # type: ignore[arg-type]


NO_DATES = ("2014-02-30", "2014", "1/9/2014", "2014-09-01T08:00", "2014-09-01 08:00:00", "45900", 45900, "5", True, "")


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date(text: object) -> None:
    with pytest.raises(ValidationError):
        Fields(day=text)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["张三", "买买提·艾力", "欧阳 明", "Smith-Jones", "㐂𠮷"])
def test_names_people_have(name: str) -> None:
    assert Fields(name=f" {name} ").name == name


@pytest.mark.parametrize("name", ["", "张3", "=1+1", "<b>", "@x", "张" * 51, "a\nb", "-张"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ValidationError):
        Fields(name=name)


@pytest.mark.parametrize(("code", "is_sound"), [("2152000001", True), ("4152000001", False), ("215200000１", False)])
def test_school_codes(code: str, is_sound: bool) -> None:
    if is_sound:
        assert Fields(school=code).school == code
    else:
        with pytest.raises(ValidationError):
            Fields(school=code)


@pytest.mark.parametrize("code", ["a/b", "a b", "", "x" * 41, "a\\b", "a\x00"])
def test_class_codes_that_cannot_stand_in_an_address(code: str) -> None:
    with pytest.raises(ValidationError):
        Fields(class_code=code)
