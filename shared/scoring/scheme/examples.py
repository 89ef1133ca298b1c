"""Worked examples of a scheme: what some units' values are, and what must come out (docs/schemes.md).

They stand beside the scheme, are written by those who own it, and are executed by the tests and ``make scheme-check``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from shared.scoring.rounding import half_away_from_zero
from shared.scoring.rules.base import ValueKind, figure
from shared.scoring.rules.parameters import NO, YES
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.evaluation import Evaluation, evaluate
from shared.scoring.scheme.tree import Leaf, Name, Scheme
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import catalogue

UNIT = "unit_code"
TOTAL, GRADE, UNCAPPED_GRADE, VALUES = "total", "grade", "uncapped_grade", "values"
_TYPES = {
    ValueKind.NUMBER: pl.Float64,
    ValueKind.COUNT: pl.Float64,
    ValueKind.CHOICE: pl.String,
    ValueKind.YES_NO: pl.Boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must come out for a unit; what is not written is not compared.

    Args:
        total: as printed.
        grade: after vetoes.
        uncapped_grade: before vetoes.
        shares: leaf → share of full marks, to as many places as written.
        points: node → points as printed.
        statuses: node → ``scored``, ``reweighted`` and so on.
    """

    total: Decimal | None = None
    grade: str | None = None
    uncapped_grade: str | None = None
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    points: Mapping[str, Decimal] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleUnit:
    """One school (county, pupil …) of an example.

    Args:
        code: made up.
        attributes: what the scheme groups or limits by.
        values: leaf → value as written; ``None`` is missing.
        expected: what must come out.
        line: in the file.
    """

    code: str
    attributes: Mapping[str, str]
    values: Mapping[str, Any]
    expected: Expected
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedExample:
    """One example: units judged together on a day."""

    code: str
    name: Name
    on: dt.date
    units: tuple[ExampleUnit, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SchemeExamples:
    """All examples of a scheme."""

    scheme: str
    examples: tuple[WorkedExample, ...]

    @property
    def expected_leaves(self) -> frozenset[str]:
        """Nodes about which something is expected: by name, or as a value under an expected total."""
        found: set[str] = set()
        for unit in (unit for example in self.examples for unit in example.units):
            expected = unit.expected
            found.update(expected.shares, expected.points, expected.statuses)
            if expected.total is not None:
                found.update(unit.values)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class ExampleDifference:
    """Where an example comes out otherwise than it says.

    Args:
        example: its code.
        unit: the unit.
        what: ``share``, ``points``, ``status``, ``total``, ``grade``, ``uncapped_grade`` or ``values``.
        node: the node; ``None`` for the unit as a whole.
        expected: as written.
        found: as computed; the refusal where nothing was.
        line: in the file of examples.
    """

    example: str
    unit: str
    what: str
    node: str | None
    expected: str
    found: str
    line: int | None


def example_differences(document: SchemeDocument, examples: SchemeExamples) -> Iterator[ExampleDifference]:
    """Computes every example and compares; nothing where all is well."""
    for example in examples.examples:
        try:
            scheme = document.as_of(example.on)
            evaluation = evaluate(scheme, _units(example), _values(scheme, example))
        except DomainError as refusal:
            yield ExampleDifference(example.code, "-", VALUES, None, "-", _refusal(refusal), example.line)
            continue
        for unit in example.units:
            for what, node, expected, found in _unit_differences(unit, evaluation):
                yield ExampleDifference(example.code, unit.code, what, node, expected, found, unit.line)


def _units(example: WorkedExample) -> pl.DataFrame:
    attributes = dict.fromkeys(name for unit in example.units for name in unit.attributes)
    columns = {name: [unit.attributes.get(name) for unit in example.units] for name in attributes}
    return pl.DataFrame(
        {UNIT: [unit.code for unit in example.units], **columns}, schema_overrides=dict.fromkeys(columns, pl.String)
    )


def _values(scheme: Scheme, example: WorkedExample) -> pl.DataFrame:
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    unknown = sorted({code for unit in example.units for code in unit.values} - set(leaves))
    if unknown:
        raise DomainError("scheme.example_leaf_unknown", params={"codes": ", ".join(unknown)})
    columns = [
        pl.Series(code, [_typed(leaf, unit.values.get(code)) for unit in example.units], _TYPES[leaf.rule.value_kind])
        for code, leaf in leaves.items()
    ]
    return pl.DataFrame([pl.Series(UNIT, [unit.code for unit in example.units], pl.String), *columns])


def _typed(leaf: Leaf, value: Any) -> Any:
    kind = leaf.rule.value_kind
    if value is None:
        return None
    if kind is ValueKind.CHOICE and isinstance(value, str):
        return value
    if kind is ValueKind.YES_NO and (isinstance(value, bool) or value in (YES, NO)):
        return value if isinstance(value, bool) else value == YES
    if kind in (ValueKind.NUMBER, ValueKind.COUNT) and isinstance(value, Decimal):
        return float(value)
    params = {"leaf": leaf.code, "value": str(value)[:40], "kind": kind.value}
    raise DomainError("scheme.example_value_kind", params=params)


def _unit_differences(unit: ExampleUnit, evaluation: Evaluation) -> Iterator[tuple[str, str | None, str, str]]:
    total = evaluation.totals.row(by_predicate=pl.col(UNIT) == unit.code, named=True)
    rows = {row["node"]: row for row in evaluation.scores.filter(pl.col(UNIT) == unit.code).iter_rows(named=True)}
    expected = unit.expected
    if expected.total is not None and not _equal(expected.total, total["printed_total"]):
        yield TOTAL, None, figure(expected.total), _shown(total["printed_total"])
    for what, word in ((GRADE, expected.grade), (UNCAPPED_GRADE, expected.uncapped_grade)):
        if word is not None and word != total[what]:
            yield what, None, word, _shown(total[what])
    compared = (("share", "share", expected.shares), ("points", "printed_points", expected.points))
    for what, column, numbers in compared:
        for node, number in numbers.items():
            found = rows[node][column] if node in rows else None
            if not _equal(number, found):
                yield what, node, str(number), _shown(found)
    for node, status in expected.statuses.items():
        found = rows[node]["status"] if node in rows else None
        if found != status:
            yield "status", node, status, _shown(found)


def _equal(expected: Decimal, found: float | None) -> bool:
    """Equal to as many places as are written, at least two."""
    if found is None:
        return False
    exponent = expected.as_tuple().exponent
    digits = max(2, min(12, -exponent if isinstance(exponent, int) else 2))
    return half_away_from_zero(found, digits) == expected


def _shown(value: object) -> str:
    return "-" if value is None else figure(value) if isinstance(value, float) else str(value)


def _refusal(refusal: DomainError) -> str:
    first = refusal.faults[0] if refusal.faults else None
    code, params = (first.code, first.params) if first is not None else (refusal.code, refusal.params)
    where = "" if first is None else f" ({first.source_id or ''} {first.column or ''})"
    return catalogue()[code].sentence("zh", params) + where
