"""What a conversion depends on (docs/scoring.md §4.1)."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.scoring.conversion.settings import GUIZHOU_GRADES, ConversionSettings, Grade, Population
from shared.terms.errors import DomainError

A, B, C, D, E = GUIZHOU_GRADES


def refused(**changes):
    with pytest.raises(DomainError) as found:
        ConversionSettings(**changes)
    assert found.value.code == "scoring.conversion_invalid"
    return {fault.code for fault in found.value.faults}


def test_the_defaults_are_guizhous():
    settings = ConversionSettings()
    assert [(g.code, g.share * 100, g.high, g.low) for g in settings.grades] == [
        ("A", 15, 100, 86),
        ("B", 35, 85, 71),
        ("C", 35, 70, 56),
        ("D", 13, 55, 41),
        ("E", 2, 40, 30),
    ]
    assert settings.cumulative_shares == (Fraction(15, 100), Fraction(1, 2), Fraction(85, 100), Fraction(98, 100), 1)


def test_unless_the_population_is_the_province_it_is_called_a_simulation():
    assert ConversionSettings().population.label == {"zh": "模拟赋分", "en": "Simulated conversion"}
    assert Population.PROVINCE.label == {"zh": "等级赋分", "en": "Grade conversion"}


def test_shares_add_up_to_one_and_none_is_empty():
    assert refused(grades=(A, B, C, D)) == {"scoring.conversion_shares"}
    one = Grade("X", Decimal(1), 20, 10)
    assert refused(grades=(one, Grade("Y", Decimal(0), 9, 0))) == {"scoring.conversion_shares"}


def test_ranges_fall_without_touching_inside_the_scale():
    assert refused(grades=(A, replace(B, high=86), C, D, E)) == {"scoring.conversion_ranges"}
    assert refused(grades=(A, B, C, D, replace(E, low=-1))) == {"scoring.conversion_ranges"}
    assert refused(grades=(A, B, C, D, replace(E, low=41))) == {"scoring.conversion_ranges"}
    assert refused(full_mark=99) == {"scoring.conversion_ranges"}


def test_every_contradiction_is_named_at_once():
    assert refused(grades=(A, replace(A, share=Decimal("0.5")))) == {
        "scoring.plan_duplicate",
        "scoring.conversion_shares",
        "scoring.conversion_ranges",
    }
