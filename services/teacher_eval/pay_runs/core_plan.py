"""A plan's document as the plan of the core: which column of a run's inputs each method reads."""

from __future__ import annotations

from services.teacher_eval.pay_plans.document import (
    ADJUSTMENT,
    Equal,
    FixedItem,
    Method,
    OwnEntitlement,
    Part,
    PlanDocument,
    PointsShare,
    Tiers,
    WorkloadRatio,
)
from services.teacher_eval.pay_runs.inputs import (
    CAP,
    COEFFICIENT,
    COUNTS,
    CREDIT,
    DEBIT,
    ENTITLEMENT,
    FLOOR,
    GROUP,
    POINTS,
)
from shared.scoring.allocation import plan as core


def core_plan(document: PlanDocument, *, carries: bool) -> core.PayPlan:
    """The plan of the core.

    Args:
        document: the plan.
        carries: whether balances of the ledger are settled with the payment, as its last fixed item.
    """
    everybody = frozenset(core.Exclusion)
    carried = core.FixedItem(code=ADJUSTMENT, unit_fen=1, count=CREDIT, standard=DEBIT, paid_to=everybody)
    return core.PayPlan(
        fixed_items=(*(_item(item) for item in document.fixed_items), *((carried,) if carries else ())),
        parts=tuple(_part(part) for part in document.parts),
        leftover=core.Leftover(document.leftover),
    )


def part_names(document: PlanDocument) -> dict[str, str]:
    """Names of items, parts and columns as people know them."""
    names = {item.code: item.name for item in document.fixed_items}
    names |= {part.code: part.name for part in document.parts}
    names |= {POINTS + source.key: source.name for source in document.sources()}
    names |= {COUNTS + item.count: f"{item.name}（{item.unit or item.count}）" for item in document.fixed_items}
    names |= {ENTITLEMENT: "本人标准", ADJUSTMENT: "台账调整"}
    return names


def _item(item: FixedItem) -> core.FixedItem:
    return core.FixedItem(
        code=item.code,
        unit_fen=item.rate_fen,
        count=COUNTS + item.count,
        standard=None if item.standard is None else COUNTS + item.standard,
        paid_to=frozenset(item.paid_to),
    )


def _part(part: Part) -> core.Part:
    has_coefficients = bool(part.post_coefficients or part.title_coefficients)
    return core.Part(
        code=part.code,
        weight=part.weight,
        method=_method(part.method),
        post_coefficient=COEFFICIENT + part.code if has_coefficients else None,
        by_presence=part.by_presence,
        floor_fen=None if part.floor_fen is None else FLOOR + part.code,
        cap_fen=None if part.cap_fen is None else CAP + part.code,
        without_weights=part.without_weights,
    )


def _method(method: Method) -> core.ShareMethod:
    match method:
        case PointsShare():
            return core.PointsShare(points=POINTS + method.points.key, gamma=method.gamma)
        case WorkloadRatio():
            return core.WorkloadShare(workload=COUNTS + method.count, scale=method.scale)
        case Tiers():
            return core.TierShare(
                points=POINTS + method.points.key,
                tiers=tuple(core.Tier(people_rate=tier.share, coefficient=tier.coefficient) for tier in method.tiers),
                ties=method.ties,
                group_by=(GROUP,) if method.by_group else (),
                money_by_group=method.money_by_group,
            )
        case Equal():
            return core.EqualShare()
        case OwnEntitlement():
            return core.EntitlementShare(
                entitlement_fen=ENTITLEMENT,
                score=POINTS + method.points.key,
                full_score=method.full_points,
                leftover=method.leftover,
            )
