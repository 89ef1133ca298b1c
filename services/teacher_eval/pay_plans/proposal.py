"""What the law is asked about a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from services.teacher_eval.pay_plans.document import (
    Equal,
    FixedItem,
    Method,
    OwnEntitlement,
    Part,
    PlanDocument,
    PointsSource,
    SourceOfPoints,
    Tiers,
    WorkloadRatio,
)
from shared.policy.performance_pay import PayItem, PayProposal

_HUNDRED = Decimal(100)
#: Where the policy of schemes knows a source of points by another name.
_KINDS = {SourceOfPoints.EVALUATION: "roll_up", SourceOfPoints.IMPORT: "self_assessment"}


def proposal_of(document: PlanDocument, as_of: dt.date) -> PayProposal:
    """A plan as far as the law cares."""
    items = [*(_fixed(item) for item in document.fixed_items), *(_part(part) for part in document.parts)]
    outside = frozenset(rule.reason.value for rule in document.outside)
    return PayProposal(as_of, document.pool_kind.value, document.name, items, outside)


def _fixed(item: FixedItem) -> PayItem:
    return PayItem(
        code=item.code,
        texts=(item.name, item.unit or ""),
        share=None,
        source_kind="records",
        source_key=item.count,
        purpose=item.purpose.value,
        is_exam_derived=item.is_exam_derived,
    )


def _part(part: Part) -> PayItem:
    method = part.method
    source = _source_of(method)
    return PayItem(
        code=part.code,
        texts=(part.name, *_names(method)),
        share=part.weight / _HUNDRED,
        source_kind=None if source is None else _KINDS[source.source],
        source_key=None if source is None else source.key,
        is_exam_derived=part.is_exam_derived,
        is_equal=isinstance(method, Equal) and not (part.title_coefficients or part.post_coefficients),
        title_spread=_spread(part),
    )


def _source_of(method: Method) -> PointsSource | None:
    return None if isinstance(method, Equal | WorkloadRatio) else method.points


def _names(method: Method) -> Iterator[str]:
    source = _source_of(method)
    if source is not None:
        yield source.name
    if isinstance(method, Tiers):
        yield from (tier.name for tier in method.tiers)
    if isinstance(method, OwnEntitlement):
        yield method.basis or ""


def _spread(part: Part) -> Decimal | None:
    values = list(part.title_coefficients.values())
    if not values or min(values) == 0:
        return None
    return max(values) / min(values)
