"""An indicator scheme as it stands on one day: a tree of weights whose leaves carry a rule (SCORING §10).

The same tree serves schools, counties, staff and pupils. It is made by :mod:`shared.scoring.scheme.reading` from a dated
document; nothing here knows files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from shared.scoring.rules.base import Rule


class SubjectOfScheme(StrEnum):
    """Who is judged."""

    SCHOOL = "school"
    COUNTY = "county"
    STAFF = "staff"
    STUDENT = "student"
    CITY = "city"
    """The city observes itself; it judges nobody."""


class SourceKind(StrEnum):
    """Where a leaf's value comes from."""

    SELF_ASSESSMENT = "self_assessment"
    INSPECTION = "inspection"
    SURVEY = "survey"
    MONITORING = "monitoring"
    STATISTICS = "statistics"
    RECORDS = "records"
    ROLL_UP = "roll_up"
    """Results of those below: students into schools, schools into counties."""


class Evaluator(StrEnum):
    """Who enters or confirms a value."""

    SELF = "self"
    """The person judged."""
    APPRAISERS = "appraisers"
    """Those who appraise a person together (民主测评)."""
    SCHOOL = "school"
    COUNTY = "county"
    CITY = "city"
    PLATFORM = "platform"
    """Computed; nobody enters it."""


class Method(StrEnum):
    """How a value is found."""

    DOCUMENTS = "documents"
    ON_SITE = "on_site"
    INTERVIEW = "interview"
    SURVEY = "survey"
    COMPUTED = "computed"


class EvaluationKind(StrEnum):
    """The four kinds of evaluation (结果、过程、增值、综合评价)."""

    RESULT = "result"
    PROCESS = "process"
    VALUE_ADDED = "value_added"
    COMPREHENSIVE = "comprehensive"


class Missing(StrEnum):
    """What becomes of a leaf without a value (SCORING §10.2)."""

    ZERO = "zero"
    REWEIGHT = "reweight"
    """Its siblings take its weight; reported."""
    BLOCK = "block"
    """There is no total."""


@dataclass(frozen=True, slots=True)
class Name:
    """What people read, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, and under which key there.

    Args:
        kind: the kind of source.
        key: e.g. ``value_added.total`` of monitoring, ``books_per_student`` of statistics; else the leaf's code.
    """

    kind: SourceKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A checkpoint (考查要点) or an indicator without checkpoints.

    Args:
        code: unique in the scheme, e.g. ``B3.1``.
        name: what people read.
        weight: relative to its siblings; 0 of a veto or of what is only observed.
        rule: from value to share of full marks.
        source: where the value comes from.
        evaluators: who enters or confirms it, in order; the last one's value counts.
        methods: how it is found.
        evaluation_kind: which of the four kinds it belongs to.
        missing: what becomes of it without a value.
        is_exam_derived: whether its value follows from exam results.
        is_observed_only: whether it is shown and never scored; its weight is 0.
        applies_to: attribute → values of the units it applies to; others are judged without it, and it counts for none.
        document: source document of its definition.
        is_verified: whether that was checked against the official text.
        asks: how many figures somebody enters by hand for it (burden on schools is counted).
    """

    code: str
    name: Name
    weight: Decimal
    rule: Rule
    source: Source
    evaluators: tuple[Evaluator, ...]
    methods: tuple[Method, ...]
    evaluation_kind: EvaluationKind
    missing: Missing = Missing.REWEIGHT
    is_exam_derived: bool = False
    is_observed_only: bool = False
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    document: str | None = None
    is_verified: bool = False
    asks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A dimension (重点内容) or indicator (关键指标) with what it is made of."""

    code: str
    name: Name
    weight: Decimal
    children: tuple[Branch | Leaf, ...]
    document: str | None = None
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class GradeBand:
    """A grade and the least total it takes."""

    grade: str
    name: Name
    at_least: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A scheme as of a day.

    Args:
        code: e.g. ``compulsory_school``.
        name: what people read.
        of: who is judged.
        as_of: the day whose weights and rules these are.
        children: dimensions.
        grades: best first; the last one takes anything.
        group_by: attributes that make the groups in which units are compared.
        applies_to: attribute → values of the units it judges.
        shows_total: whether those judged may see a total; else grades only.
        document: source document.
        is_verified: whether the whole was checked against it.
    """

    code: str
    name: Name
    of: SubjectOfScheme
    as_of: dt.date
    children: tuple[Branch, ...]
    grades: tuple[GradeBand, ...]
    group_by: tuple[str, ...] = ()
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows_total: bool = True
    document: str | None = None
    is_verified: bool = False

    def nodes(self) -> Iterator[tuple[tuple[str, ...], Branch | Leaf]]:
        """Every node with the codes of those above it, parents before children, in the scheme's order."""
        for child in self.children:
            yield from _walk((), child)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf, in the scheme's order."""
        return (node for _, node in self.nodes() if isinstance(node, Leaf))


def _walk(above: tuple[str, ...], node: Branch | Leaf) -> Iterator[tuple[tuple[str, ...], Branch | Leaf]]:
    yield above, node
    if isinstance(node, Branch):
        for child in node.children:
            yield from _walk((*above, node.code), child)
