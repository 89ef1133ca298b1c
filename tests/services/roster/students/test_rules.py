import datetime as dt

import pytest

from services.roster.students.rules import Stay, birth_date_in, is_held, number_fault, sex_in
from tests.services.roster.senders import citizen_number

MALE_G = "G" + citizen_number(1, birth="20140901")
FEMALE_G = "G" + citizen_number(2, birth="20140901")
BORN = dt.date(2014, 9, 1)


def test_the_birth_date_is_inside_the_number() -> None:
    assert birth_date_in(MALE_G) == BORN
    assert birth_date_in("L990001201409011234") == BORN
    assert birth_date_in("L990001201413011234") is None


def test_the_sex_is_inside_a_number_made_from_a_citizen_number_only() -> None:
    assert (sex_in(MALE_G), sex_in(FEMALE_G)) == ("1", "2")
    assert sex_in("J" + MALE_G[1:]) is None


@pytest.mark.parametrize(
    ("number", "sex", "birth_date", "fault"),
    [
        (MALE_G, "1", None, None),
        (MALE_G, "1", BORN, None),
        (MALE_G, "9", None, None),
        (MALE_G, "2", None, ("sex", "roster.identity_sex_differs")),
        (MALE_G, "1", dt.date(2014, 9, 2), ("birth_date", "roster.identity_birth_date_differs")),
        ("J" + MALE_G[1:], "2", None, None),
        ("L990001201413011234", "1", None, ("student_number", "identity.birth_date")),
    ],
)
def test_the_row_must_agree_with_the_number(
    number: str, sex: str, birth_date: dt.date | None, fault: tuple[str, str] | None
) -> None:
    assert number_fault(number, sex=sex, birth_date=birth_date) == fault


def test_a_school_lets_go_when_every_stay_of_the_last_year_is_closed() -> None:
    assert not is_held([])
    assert is_held([Stay("2026-2027", True)])
    assert not is_held([Stay("2025-2026", True), Stay("2026-2027", False)])
    assert is_held([Stay("2026-2027", False), Stay("2026-2027", True)])
