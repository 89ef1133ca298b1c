"""Whom leaves apply to."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by


def test_the_small_scheme_passes() -> None:
    assert found_by("applicability") == []


ONLY_PRIMARY = ("key: books_per_student}\n", "key: books_per_student}\n        applies_to: {stage: [primary]}\n")
JUNIOR = ("of: school\n", "of: school\napplies_to: {stage: [junior_secondary]}\n")


def test_a_leaf_applies_to_somebody() -> None:
    assert found_by("applicability", ONLY_PRIMARY) == []
    assert [finding[1:3] for finding in found_by("applicability", ONLY_PRIMARY, JUNIOR)] == [
        ("applies_to_nobody", "B2")
    ]


def test_everybody_is_judged_by_something() -> None:
    both = (ONLY_PRIMARY, ("source: inspection\n", "source: inspection\n        applies_to: {stage: [primary]}\n"))
    assert {finding[:3] for finding in found_by("applicability", *both)} == {(Level.ERROR, "judged_by_nothing", None)}


def test_attributes_are_well_formed() -> None:
    assert [finding[1] for finding in found_by("applicability", ("[stage]", "[Stage of school]"))] == [
        "attribute_malformed"
    ]
    assert [
        finding[1]
        for finding in found_by("applicability", ("code: B1\n", "code: B1\n        applies_to: {School type: [a]}\n"))
    ] == ["attribute_malformed"]
