"""What an analysis is asked for: subjects, rates, weights, models, comparisons. Data only, checked on construction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from shared.scoring.levels import LEVELS
from shared.scoring.subjects import TOTAL, Subject, total_of
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel

SCORE_RATE = "score_rate"
RESERVED = frozenset({"candidate_id", "student_id", "class_code", "school_code", "county_code"})


class Direction(StrEnum):
    """Which side of its threshold a rate counts."""

    AT_LEAST = "at_least"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate such as ``excellent``: share of candidates at or above (or below) a share of the full mark."""

    code: str
    threshold: Decimal
    direction: Direction = Direction.AT_LEAST


DEFAULT_RATES = (
    Rate("excellent", Decimal("0.85")),
    Rate("good", Decimal("0.75")),
    Rate("pass", Decimal("0.60")),
    Rate("low_score", Decimal("0.40"), Direction.BELOW),
)


@dataclass(frozen=True, slots=True)
class CompositeWeight:
    """Weight of one component of the composite index: ``score_rate`` or the code of a rate."""

    component: str
    weight: Decimal


DEFAULT_COMPOSITE = (
    CompositeWeight(SCORE_RATE, Decimal(40)),
    CompositeWeight("pass", Decimal(30)),
    CompositeWeight("excellent", Decimal(30)),
)


class OutcomeScale(StrEnum):
    """Scale of a value-added outcome: marks, or T over the candidates of the model."""

    RAW = "raw"
    T = "t"


class FitMethod(StrEnum):
    """Likelihood that is maximized."""

    REML = "reml"
    ML = "ml"


@dataclass(frozen=True, slots=True)
class ValueAddedModel:
    """One value-added model: an outcome judged by its intakes (SCORING §8.1).

    Args:
        outcome: code of an outcome subject, or ``total``.
        intakes: codes of intake subjects, at least one.
        scale: scale of the outcome.
        method: REML, or ML on request.
        compositional: whether the school means of the intakes are covariates too.
    """

    outcome: str
    intakes: tuple[str, ...]
    scale: OutcomeScale = OutcomeScale.T
    method: FitMethod = FitMethod.REML
    compositional: bool = False

    @property
    def relation(self) -> str:
        """Which candidates and marks the model uses; models that differ otherwise share their summaries."""
        return f"{self.outcome}~{'+'.join(self.intakes)}"

    @property
    def code(self) -> str:
        """Name of the model in result frames."""
        mean = "+school_mean" if self.compositional else ""
        return f"{self.relation}{mean}[{self.method.value},{self.scale.value}]"


class Grouping(StrEnum):
    """How an attribute makes comparison groups."""

    VALUE = "value"
    QUARTILE = "quartile"


@dataclass(frozen=True, slots=True)
class ComparisonAttribute:
    """A declared attribute by which schools are compared inside groups.

    Args:
        code: an attribute column of the mark sheet, or the code of an intake subject (by quartile of its mean).
        grouping: by the value itself, or by quartile of the schools' values.
    """

    code: str
    grouping: Grouping = Grouping.VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPlan:
    """Everything an analysis depends on beside the marks; a run stores it with its results.

    Args:
        outcomes: subjects of this exam.
        intakes: subjects whose marks were brought along from an earlier exam.
        rates: rates reported, with thresholds.
        composite: weights of the composite index.
        min_n: smallest group whose figures leave its school.
        label_min_n: smallest school that is labeled, whatever may be shown: data that are public may be shown for the
            smallest group, but a judgment on seven pupils is no judgment.
        models: value-added models.
        comparisons: attributes that make comparison groups.
        levels: levels of the summary and the standings; the school must be among them.
        table_levels: levels of the cumulative tables and bands, among ``levels``.
        comparison_min_schools: smallest comparison group that is compared at all.
        with_standings: whether every candidate's standing is looked up.

    Raises:
        DomainError: ``scoring.plan_invalid`` with every contradiction found.
    """

    outcomes: tuple[Subject, ...]
    intakes: tuple[Subject, ...] = ()
    rates: tuple[Rate, ...] = DEFAULT_RATES
    composite: tuple[CompositeWeight, ...] = DEFAULT_COMPOSITE
    min_n: int = 10
    label_min_n: int = 10
    models: tuple[ValueAddedModel, ...] = ()
    comparisons: tuple[ComparisonAttribute, ...] = ()
    levels: tuple[OrgLevel, ...] = LEVELS
    table_levels: tuple[OrgLevel, ...] = (OrgLevel.CITY, OrgLevel.COUNTY, OrgLevel.SCHOOL)
    comparison_min_schools: int = 5
    with_standings: bool = True
    total: Subject = field(init=False)

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise DomainError("scoring.plan_invalid", faults=faults)
        object.__setattr__(self, "total", total_of(self.outcomes))

    @property
    def marked(self) -> tuple[Subject, ...]:
        """Subjects with a column in the mark sheet."""
        return self.outcomes + self.intakes

    @property
    def reported(self) -> tuple[Subject, ...]:
        """Subjects of the summary: outcomes, their total, intakes."""
        return (*self.outcomes, self.total, *self.intakes)

    @property
    def by_code(self) -> tuple[Subject, ...]:
        """Reported subjects by code: the order in which tables hold them."""
        return tuple(sorted(self.reported, key=lambda subject: subject.code))

    @property
    def attributes(self) -> tuple[ComparisonAttribute, ...]:
        """Comparison attributes that are columns of the mark sheet."""
        intakes = {subject.code for subject in self.intakes}
        return tuple(attribute for attribute in self.comparisons if attribute.code not in intakes)

    def role(self, subject: Subject) -> str:
        """``outcome``, ``total`` or ``intake``."""
        if subject.code == TOTAL:
            return TOTAL
        return "outcome" if subject in self.outcomes else "intake"

    def subject(self, code: str) -> Subject:
        """A reported subject by its code."""
        return next(subject for subject in self.reported if subject.code == code)


def _faults(plan: AnalysisPlan) -> Iterator[Fault]:
    outcomes = {subject.code for subject in plan.outcomes}
    intakes = {subject.code for subject in plan.intakes}
    if not outcomes:
        yield Fault("scoring.plan_no_outcome")
    yield from _name_faults(plan)
    minimums = (plan.min_n, plan.label_min_n, plan.comparison_min_schools)
    if min(minimums[:2]) < 1 or plan.comparison_min_schools < 2:
        yield Fault("scoring.plan_minimum", value=", ".join(map(str, minimums)))
    for rate in plan.rates:
        if not 0 <= rate.threshold <= 1:
            yield Fault("scoring.plan_threshold", value=f"{rate.code} {rate.threshold}")
    components = {rate.code for rate in plan.rates} | {SCORE_RATE}
    if any(weight.component not in components for weight in plan.composite) or not any(
        weight.weight > 0 for weight in plan.composite
    ):
        yield Fault("scoring.plan_composite", value=", ".join(weight.component for weight in plan.composite))
    if not {*plan.table_levels, OrgLevel.SCHOOL} <= set(plan.levels) or not set(plan.levels) <= set(LEVELS):
        yield Fault("scoring.plan_levels", value=", ".join(level.value for level in plan.levels))
    for model in plan.models:
        known = model.outcome in outcomes | {TOTAL} and set(model.intakes) <= intakes
        if not known or not model.intakes or len(set(model.intakes)) < len(model.intakes):
            yield Fault("scoring.plan_model", value=model.code)
    for attribute in plan.comparisons:
        if attribute.code in intakes and attribute.grouping is Grouping.VALUE:
            yield Fault("scoring.plan_intake_by_value", value=attribute.code)


def _name_faults(plan: AnalysisPlan) -> Iterator[Fault]:
    intakes = {subject.code for subject in plan.intakes}
    columns = [subject.code for subject in plan.outcomes + plan.intakes]
    columns += [attribute.code for attribute in plan.comparisons if attribute.code not in intakes]
    lists = (
        columns,
        [rate.code for rate in plan.rates],
        [model.code for model in plan.models],
        [attribute.code for attribute in plan.comparisons],
    )
    for names in lists:
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Fault("scoring.plan_duplicate", value=name)
    for name in columns:
        if name in RESERVED or name == TOTAL or "__" in name:
            yield Fault("scoring.plan_reserved_name", value=name)
