"""Levels out of several people's words."""

from __future__ import annotations

import polars as pl
import pytest

from shared.scoring.scheme.observed_levels import combined_levels, source_levels

CHOICES = {"B1": ("A", "B", "C", "D")}
WEIGHTS = {"B1": {"class_teacher": 60.0, "self": 15.0, "peers": 15.0, "guardians": 10.0}}
LEAST = {"peers": 5}


def of(*said: tuple[str, str]) -> list[str]:
    words = pl.DataFrame(
        [("u", "B1", source, level, 1) for source, level in said],
        schema={"unit_code": pl.String, "leaf": pl.String, "source": pl.String, "level": pl.String, "n": pl.Int64},
        orient="row",
    )
    sources = source_levels(words, CHOICES, LEAST)
    found: list[str] = combined_levels(sources, CHOICES, WEIGHTS, least_weight_rate=0.5)["value"].to_list()
    return found


PEERS_A = (("peers", "A"),) * 5


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ((("class_teacher", "C"),), ["C"]),
        # (60 · 1 + 15 · 3) / 75 = 1.4
        ((("class_teacher", "C"), ("self", "A")), ["C"]),
        # (60 · 1 + 15 · 3 + 15 · 3 + 10 · 3) / 100 = 1.8
        ((("class_teacher", "C"), ("self", "A"), *PEERS_A, ("guardians", "A")), ["B"]),
        # Four classmates are too few to be counted.
        ((("class_teacher", "C"), ("self", "A"), *PEERS_A[1:]), ["C"]),
        # Without the class teacher 40 of 100 have spoken: less than half.
        ((("self", "A"), *PEERS_A, ("guardians", "A")), []),
        ((), []),
    ],
)
def test_the_weighted_middle(said: tuple[tuple[str, str], ...], level: list[str]) -> None:
    assert of(*said) == level


def test_halves_go_to_the_better_level() -> None:
    words = [("peers", level) for level in "AABBBB"] + [("peers", "A")] * 2
    assert of(("class_teacher", "B"), *words) == ["B"]
    half = pl.DataFrame(
        {
            "unit_code": ["u"] * 2,
            "leaf": ["B1"] * 2,
            "source": ["class_teacher", "self"],
            "level": ["A", "B"],
            "n": [1, 1],
        }
    )
    many = pl.DataFrame(
        {"unit_code": ["u"] * 2, "leaf": ["B1"] * 2, "source": ["peers"] * 2, "level": ["A", "C"], "n": [5, 1]}
    )
    # (5 · 3 + 1 · 1) / 6 = 2.67
    assert source_levels(many, CHOICES, LEAST).select("n", "level").rows() == [(6, "A")]
    equal = {"B1": {"class_teacher": 1.0, "self": 1.0}}
    sources = source_levels(half, CHOICES, {})
    assert combined_levels(sources, CHOICES, equal, least_weight_rate=0.5)["value"].to_list() == ["A"]
