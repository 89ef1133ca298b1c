"""What schools fill in."""

from shared.scoring.scheme.checks.base import figures_asked
from shared.scoring.scheme.findings import Level
from shared.scoring.scheme.tree import Evaluator
from tests.scoring.scheme_texts import document, found_by


def test_the_small_scheme_passes() -> None:
    assert found_by("burden") == []


def test_too_many_figures_entered_by_hand() -> None:
    assert found_by("burden", ("source: inspection\n", "source: inspection\n        asks: 61\n")) == [
        (Level.WARNING, "burden", None, 1)
    ]


def test_what_is_computed_or_entered_by_others_is_no_burden_on_schools() -> None:
    assert found_by("burden", ("key: books_per_student}\n", "key: books_per_student}\n        asks: 99\n")) == []
    assert figures_asked(document(), Evaluator.SCHOOL) == 1
    assert figures_asked(document(), Evaluator.COUNTY) == 2
