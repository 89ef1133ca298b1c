from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.credentials.generation import new_client_secret, new_initial_password
from gateway.identity.credentials.passwords import normalized, password_faults


def codes(password: str, username: str = "li.ming") -> set[str]:
    return {fault.code for fault in password_faults(password, username=username)}


@pytest.mark.parametrize("password", ["correct horse battery", "夏天的乌蒙山间有云海和杜鹃花", "tQ7-ofmmz-Kw2p"])
def test_good_ones(password: str) -> None:
    assert codes(password) == set()


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Tq7-ofmmz-K", {"password.too_short"}),
        ("x" * 200, {"password.too_long", "password.unvaried"}),
        ("my LI.MING password", {"password.like_username"}),
        ("ababababababab", {"password.unvaried"}),
        ("abcdefghijklm", {"password.unvaried"}),
        ("210987654321", {"password.unvaried"}),
        ("Password2026!!", {"password.common"}),
        ("woaini1314520", {"password.common"}),
        ("1qaz2wsx3edc", {"password.common"}),
        ("qwertyqwerty", {"password.common"}),
        ("123456123456", {"password.common"}),
        ("admin@123456", {"password.common"}),
    ],
)
def test_bad_ones_say_everything_that_is_wrong(password: str, expected: set[str]) -> None:
    assert codes(password) == expected


def test_full_width_typing_is_the_same_password() -> None:
    assert normalized("ｃｏｒｒｅｃｔ　ｈｏｒｓｅ") == "correct horse"
    assert "password.common" in codes("ｐａｓｓｗｏｒｄ２０２６！")


@given(st.text(max_size=150), st.text(max_size=30))
def test_any_text_gets_an_answer(password: str, username: str) -> None:
    assert len(codes(password, username)) <= 5


def test_drawn_secrets_pass_the_rules_and_differ() -> None:
    drawn = {new_initial_password() for _ in range(200)}
    assert len(drawn) == 200
    assert all(codes(password) == set() for password in drawn)
    assert len(new_client_secret()) >= 43
