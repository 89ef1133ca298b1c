"""Loads every scheme, runs every check, computes every worked example, and says what it found: ``make scheme-check``.

Without arguments the schemes that come with the platform; else the files or folders given.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.school_eval.prefill.known_sources import is_known_source as is_known_of_schools
from services.student_eval.development_filling.known_sources import is_known_source as is_known_of_students
from services.teacher_eval.filling.known_sources import is_known_source as is_known_of_staff
from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.checks import check_scheme
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.example_reading import read_examples
from shared.scoring.scheme.examples import SchemeExamples
from shared.scoring.scheme.findings import Finding, Level
from shared.scoring.scheme.reading import read_scheme
from shared.scoring.scheme.tree import Source, SubjectOfScheme
from shared.terms.problem_catalogue import catalogue

FOLDER = Path(__file__).parents[1] / "schemes"
EXAMPLES = ".examples.yaml"
_SHOWN = {Level.ERROR: "错误 error", Level.FUTURE_ERROR: "将不再允许 future error", Level.WARNING: "提示 warning"}


def examples_file(scheme: Path) -> Path:
    """The worked examples that belong to a scheme's file."""
    return scheme.with_name(scheme.stem + EXAMPLES)


def scheme_files(places: Sequence[Path]) -> list[Path]:
    """Schemes in files and folders, in order."""
    found = [file for place in places for file in ([place] if place.is_file() else sorted(place.glob("*.yaml")))]
    return [file for file in found if not file.name.endswith(EXAMPLES)]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a scheme.

    Args:
        file: the scheme, or its examples where these cannot be read.
        findings: everything found.
        example_count: examples that were computed.
    """

    file: Path
    findings: tuple[Finding, ...]
    example_count: int = 0


def knows_source(document: SchemeDocument) -> Callable[[Source], bool]:
    """What the service that keeps such schemes can fill in."""
    elsewhere = {SubjectOfScheme.STAFF: is_known_of_staff, SubjectOfScheme.STUDENT: is_known_of_students}
    return elsewhere.get(document.of, is_known_of_schools)


def check_file(file: Path) -> Checked:
    """Reads a scheme and its examples and checks them."""
    document = read_scheme(file.read_text("utf-8"))
    if not isinstance(document, SchemeDocument):
        return Checked(file, document)
    beside = examples_file(file)
    examples = read_examples(beside.read_text("utf-8")) if beside.exists() else None
    if examples is not None and not isinstance(examples, SchemeExamples):
        return Checked(beside, examples)
    found = check_scheme(document, law=scheme_objections, examples=examples, knows_source=knows_source(document))
    return Checked(file, found, len(examples.examples) if examples else 0)


def lines(file: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """Findings for people, with the place to open in an editor."""
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    for finding in findings:
        remedy, words = catalogue()[finding.code].remedy["zh"], finding.sentence
        yield f"{shown}:{finding.line or 1}: {_SHOWN[finding.level]}: {words.zh}{remedy}"
        yield f"    {words.en} [{finding.code}]"


def main(arguments: Sequence[str]) -> int:
    """Prints everything; 1 where any scheme has errors, 2 where there is none."""
    files = scheme_files([Path(argument) for argument in arguments] or [FOLDER])
    if not files:
        print("没有找到评价方案 no schemes found", file=sys.stderr)
        return 2
    counts: Counter[Level] = Counter()
    example_count = 0
    for file in files:
        checked = check_file(file)
        counts.update(finding.level for finding in checked.findings)
        example_count += checked.example_count
        for line in lines(checked.file, checked.findings):
            print(line)
    summary = ", ".join(f"{counts[level]} {_SHOWN[level]}" for level in Level)
    print(f"{len(files)} 个方案 schemes, {example_count} 个算例 examples: {summary}")
    return 1 if counts[Level.ERROR] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
