"""What an item analysis is asked for: the items of one paper and what each of them examines (SCORING §7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from shared.scoring.levels import LEVELS
from shared.scoring.plan import RESERVED
from shared.scoring.subjects import TOTAL, Subject, total_of
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel

ITEM, KNOWLEDGE_POINT, COMPETENCY = "item", "knowledge_point", "competency"
COGNITIVE_LEVEL, QUESTION_TYPE = "cognitive_level", "question_type"
ASPECT_KINDS = (ITEM, KNOWLEDGE_POINT, COMPETENCY, COGNITIVE_LEVEL, QUESTION_TYPE, TOTAL)
"""Kinds of aspects, in the order of their rows."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a paper (小题).

    Args:
        code: column name of its mark.
        full_mark: highest mark, a multiple of ``step``.
        step: distance between neighbouring marks.
        knowledge_points: knowledge points it examines; each is credited with the whole item.
        competencies: competencies it examines; each is credited with the whole item.
        cognitive_level: the cognitive level it asks for (认知层次), where the specification table says.
        question_type: the type of question it is (题型), where the specification table says.
        options: the answers a candidate can choose; the chosen one stands in ``<code>__option``. Empty where the item
            has no options or they were not recorded. An item with several right letters lists its answers as whole
            patterns (``AC``).
        key: the right one among ``options``.
    """

    code: str
    full_mark: Decimal
    step: Decimal = Decimal(1)
    knowledge_points: tuple[str, ...] = ()
    competencies: tuple[str, ...] = ()
    cognitive_level: str | None = None
    question_type: str | None = None
    options: tuple[str, ...] = ()
    key: str | None = None

    @property
    def grid(self) -> Subject:
        """The item's grid of marks."""
        return Subject(self.code, self.full_mark, self.step, band_width=self.full_mark)


@dataclass(frozen=True, slots=True)
class Aspect:
    """Items taken together: a single one, those of a column of the specification table, or the whole paper.

    Args:
        kind: one of :data:`ASPECT_KINDS`.
        code: its name within the kind.
        positions: its items, by position in the plan.
    """

    kind: str
    code: str
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlan:
    """Everything an item analysis depends on beside the marks; a run stores it with its results.

    Args:
        subject: code of the subject whose paper this is.
        items: the items, in the order of the paper. Alternatives of which a candidate answers one are one item.
        min_n: smallest group whose attainment leaves its school.
        min_candidates: fewest candidates from whom an item is judged; with fewer nothing but attainment is computed.
        levels: levels at which attainment is given.
        reference: level of the group with which attainment is compared.

    Raises:
        DomainError: ``scoring.plan_invalid`` with every contradiction found.
    """

    subject: str
    items: tuple[Item, ...]
    min_n: int = 10
    min_candidates: int = 30
    levels: tuple[OrgLevel, ...] = LEVELS
    reference: OrgLevel = OrgLevel.CITY
    total: Subject = field(init=False)

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise DomainError("scoring.plan_invalid", faults=faults)
        object.__setattr__(self, "total", total_of([item.grid for item in self.items]))

    @property
    def codes(self) -> tuple[str, ...]:
        """Item codes in order."""
        return tuple(item.code for item in self.items)

    @property
    def choice_items(self) -> tuple[tuple[int, Item], ...]:
        """Items whose chosen option is recorded, with their position."""
        return tuple((position, item) for position, item in enumerate(self.items) if item.options)

    @property
    def weights(self) -> NDArray[np.int64]:
        """Size of one step of every item in units of the total."""
        return np.array([int(Fraction(item.step) / self.total.unit) for item in self.items], np.int64)

    @property
    def full_units(self) -> NDArray[np.int64]:
        """Full mark of every item in units of the total."""
        return np.array([int(Fraction(item.full_mark) / self.total.unit) for item in self.items], np.int64)

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """Single items, the specification table's columns each by order of appearance, and last the whole paper."""
        single = [Aspect(ITEM, item.code, (position,)) for position, item in enumerate(self.items)]
        points = _aspects(KNOWLEDGE_POINT, [item.knowledge_points for item in self.items])
        competencies = _aspects(COMPETENCY, [item.competencies for item in self.items])
        levels = _aspects(COGNITIVE_LEVEL, [_given(item.cognitive_level) for item in self.items])
        types = _aspects(QUESTION_TYPE, [_given(item.question_type) for item in self.items])
        whole = Aspect(TOTAL, TOTAL, tuple(range(len(self.items))))
        return (*single, *points, *competencies, *levels, *types, whole)


def _given(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _aspects(kind: str, tags: Sequence[tuple[str, ...]]) -> list[Aspect]:
    names = dict.fromkeys(name for tagged in tags for name in tagged)
    return [Aspect(kind, name, tuple(p for p, tagged in enumerate(tags) if name in tagged)) for name in names]


def _faults(plan: ItemPlan) -> Iterator[Fault]:
    if not plan.items:
        yield Fault("scoring.item_plan_empty")
    lists = [plan.codes, *(item.options for item in plan.items)]
    lists += [tags for item in plan.items for tags in (item.knowledge_points, item.competencies)]
    for names in lists:
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Fault("scoring.plan_duplicate", value=name)
    for item in plan.items:
        if item.code in RESERVED or item.code in (TOTAL, "status") or "__" in item.code:
            yield Fault("scoring.plan_reserved_name", value=item.code)
        if (item.key in item.options) != bool(item.options) or (item.key is not None and not item.options):
            yield Fault("scoring.item_plan_key", value=item.code)
        try:
            _ = item.grid
        except DomainError as refusal:
            yield from refusal.faults
    if min(plan.min_n, plan.min_candidates) < 1:
        yield Fault("scoring.plan_minimum", value=f"{plan.min_n}, {plan.min_candidates}")
    if plan.reference not in plan.levels or not set(plan.levels) <= set(LEVELS):
        yield Fault("scoring.plan_levels", value=", ".join(level.value for level in plan.levels))
