"""Worked examples computed by a document. Blocks: use a thread."""

from __future__ import annotations

from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.example_reading import read_examples
from shared.scoring.scheme.examples import ExampleDifference, SchemeExamples, example_differences
from shared.scoring.scheme.findings import require_sound
from shared.terms.errors import DomainError


def run_examples(document: SchemeDocument, text: str) -> tuple[SchemeExamples, list[ExampleDifference]]:
    """The examples of a text, and where they come out otherwise than they say.

    Raises:
        DomainError: ``scheme.faulty`` with everything that keeps the text from being read; ``scheme.other_code`` for those
            of another scheme.
    """
    examples = read_examples(text)
    if not isinstance(examples, SchemeExamples):
        require_sound(examples)
        raise ValueError("what cannot be read has errors")
    if examples.scheme != document.code:
        raise DomainError("scheme.other_code", params={"code": document.code, "found": examples.scheme})
    return examples, list(example_differences(document, examples))
