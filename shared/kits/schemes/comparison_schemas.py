"""What comes of holding a draft against a version or worked examples."""

from collections.abc import Sequence

from pydantic import BaseModel

from shared.scoring.rules.base import Sentence
from shared.scoring.scheme.diff import Change
from shared.scoring.scheme.examples import ExampleDifference, SchemeExamples


class ChangeOut(BaseModel):
    """A difference between two schemes, in words."""

    kind: str
    node: str | None
    name: dict[str, str]
    before: dict[str, str] | None
    after: dict[str, str] | None
    sentence: dict[str, str]


class ChangesOut(BaseModel):
    """Everything that differs from a version."""

    against: int
    items: list[ChangeOut]


class DifferenceOut(BaseModel):
    """Where a worked example comes out otherwise than it says."""

    example: str
    unit: str
    what: str
    node: str | None
    expected: str
    found: str
    line: int | None


class ExamplesOut(BaseModel):
    """Worked examples, computed."""

    examples: int
    units: int
    agree: bool
    differences: list[DifferenceOut]


def change_out(change: Change) -> ChangeOut:
    """A difference as callers see it."""
    return ChangeOut(
        kind=change.kind,
        node=change.node,
        name={"zh": change.name.zh, "en": change.name.en},
        before=_words(change.before),
        after=_words(change.after),
        sentence=_words(change.sentence) or {},
    )


def examples_out(examples: SchemeExamples, differences: Sequence[ExampleDifference]) -> ExamplesOut:
    """What came of worked examples."""
    found = [
        DifferenceOut(**{name: getattr(each, name) for name in DifferenceOut.model_fields}) for each in differences
    ]
    units = sum(len(example.units) for example in examples.examples)
    return ExamplesOut(examples=len(examples.examples), units=units, agree=not found, differences=found)


def _words(sentence: Sentence | None) -> dict[str, str] | None:
    return None if sentence is None else {"zh": sentence.zh, "en": sentence.en}
