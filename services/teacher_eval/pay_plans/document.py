"""A plan as a document: how a pool is shared, composed of methods that are found in schools' plans.

First the fixed items are paid, then the rest goes to the parts by their weights, each shared by its method. Everything a
plan depends on stands here or in what is known of the people (:mod:`services.teacher_eval.pay_members`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from services.teacher_eval.money import Fen
from services.teacher_eval.pay_pools.rules import PoolKind
from shared.kernel.web.fields import Document, Name, Strict, Words
from shared.kernel.web.validation import refused
from shared.scoring.allocation.ledger import CounterAccount
from shared.scoring.allocation.plan import Exclusion, Leftover, TieRule, WithoutWeights

#: Code of the fixed item that carries balances of the ledger into a payment.
ADJUSTMENT = "adjustment"
#: Names of figures about people, and of items and parts.
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Coefficient = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Weight = Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4, description="权重，% / percent")]
Rate = Annotated[int, Field(ge=1, le=10**9, description="每单位金额，单位：分 / fen per unit")]
#: Codes of posts and titles, the roster's or the school's own.
Code = Annotated[str, StringConstraints(pattern=r"^[0-9a-z][0-9a-z_]{0,39}$")]
Coefficients = Annotated[dict[Code, Coefficient], Field(max_length=60)]


class Purpose(StrEnum):
    """What a fixed item pays for."""

    CLASS_TEACHER = "class_teacher"
    EXTRA_LESSONS = "extra_lessons"
    POST_ALLOWANCE = "post_allowance"
    RURAL = "rural"
    ATTENDANCE = "attendance"
    AWARD = "award"
    AFTER_SCHOOL = "after_school"
    OTHER = "other"


class SourceOfPoints(StrEnum):
    """Where points are from."""

    EVALUATION = "evaluation"
    IMPORT = "import"


class PointsSource(Strict):
    """Points of each person."""

    key: Key = Field(description="分数项 / name of the points")
    name: Name
    source: SourceOfPoints = SourceOfPoints.IMPORT


class FixedItem(Strict):
    """A rate times a count, or times what a count has over a standard; paid before anything is shared."""

    code: Key
    name: Name
    purpose: Purpose
    rate_fen: Rate
    count: Key = Field(description="数量项，如 pupil_months / name of the count")
    standard: Key | None = Field(
        default=None, description="标准量项；超出为正、不足为负 / what the count is held against"
    )
    paid_to: list[Exclusion] = Field(
        default_factory=list,
        max_length=6,
        description="虽不参与分配仍发放 / whom it is paid although they stand outside",
    )
    unit: Name | None = Field(default=None, description="单位，如 生·月 / what is counted")
    is_exam_derived: bool = False


class PointsShare(Strict):
    """按分数占比: in proportion to points, raised to a power."""

    kind: Literal["points_share"]
    points: PointsSource
    gamma: Decimal = Field(
        default=Decimal(1), gt=0, le=3, max_digits=3, decimal_places=2, description="分数的幂 / power of the points"
    )


class WorkloadRatio(Strict):
    """按工作量: own workload over the mean, times a scale; in proportion to that."""

    kind: Literal["workload_ratio"]
    count: Key = Field(description="工作量项，如 weekly_lessons / name of the workload")
    scale: int = Field(default=10, ge=1, le=1_000, description="人均工作量的得分 / score of the mean")


class Tier(Strict):
    """A tier, best first: how many of a group it takes, and its coefficient or amount; the part's money is kept level."""

    name: Name
    share: Decimal = Field(
        gt=0, le=1, max_digits=5, decimal_places=4, description="人数比例，0—1 / share of the people"
    )
    coefficient: Decimal = Field(
        ge=0,
        le=1_000_000,
        max_digits=9,
        decimal_places=2,
        description="系数，或每人金额（元）/ coefficient, or yuan each",
    )


class Tiers(Strict):
    """分档: people in tiers by their points; groups can be ranked apart."""

    kind: Literal["tiers"]
    points: PointsSource
    tiers: list[Tier] = Field(min_length=1, max_length=20)
    ties: TieRule = Field(
        default=TieRule.HIGHER, description="同分跨档的处理 / which tier equal points at a border get"
    )
    by_group: bool = Field(default=False, description="分组排序 / groups are ranked apart")
    money_by_group: bool = Field(default=False, description="金额先按组划分 / money is divided among groups first")

    @model_validator(mode="after")
    def _sound(self) -> Tiers:
        total = sum((tier.share for tier in self.tiers), Decimal(0))
        if total != 1:
            raise refused("pay_plan.tiers_not_whole", total=str(total))
        worth = [tier.coefficient for tier in self.tiers]
        if worth != sorted(worth, reverse=True):
            raise refused("pay_plan.tiers_not_falling")
        return self


class Equal(Strict):
    """平均: everybody alike."""

    kind: Literal["equal"]


class OwnEntitlement(Strict):
    """本人标准 × 得分 ÷ 满分: nobody takes from another; what is not earned returns to the pool or is kept."""

    kind: Literal["own_entitlement"]
    points: PointsSource
    full_points: int = Field(default=100, ge=1, le=1_000_000)
    basis: Name | None = Field(default=None, description="标准的依据 / where the entitlement is from")
    leftover: Leftover = Field(
        default=Leftover.KEEP, description="未得部分的去向 / where the rest of the part's money goes"
    )


Method = PointsShare | WorkloadRatio | Tiers | Equal | OwnEntitlement


class Part(Strict):
    """A part of what is left after the fixed items."""

    code: Key
    name: Name
    weight: Weight
    method: Annotated[Method, Field(discriminator="kind")]
    post_coefficients: Coefficients = Field(default_factory=dict, description="岗位系数，未列为 1 / 1 where not listed")
    title_coefficients: Coefficients = Field(default_factory=dict, description="职称系数 / by professional title")
    by_presence: bool = Field(default=True, description="按在岗月数折算 / pro rata by months present")
    floor_fen: Fen | None = Field(
        default=None, description="每人保底，按在岗折算 / least of each who shares, by presence"
    )
    cap_fen: Fen | None = Field(default=None, description="每人封顶 / most of each who shares")
    without_weights: WithoutWeights = Field(
        default=WithoutWeights.REFUSE, description="无人有权重时 / what happens where nobody has a weight"
    )
    is_exam_derived: bool = False

    @model_validator(mode="after")
    def _bounds(self) -> Part:
        if self.cap_fen is not None and self.cap_fen < (self.floor_fen or 0):
            raise refused("pay_plan.cap_below_floor", floor=self.floor_fen, cap=self.cap_fen)
        return self


def _leaves_to_pool(part: Part) -> bool:
    return isinstance(part.method, OwnEntitlement) and part.method.leftover is Leftover.TO_POOL


class OutsideRule(Strict):
    """People who do not share, and why."""

    reason: Exclusion
    note: Words | None = None


class Posting(Strict):
    """What of a payment is shown inside the school; ``None`` follows the law's default."""

    formula: Literal["school", "own"] | None = None
    amounts: Literal["own", "school"] | None = None


class PlanDocument(Strict):
    """Everything that a plan says."""

    name: Name
    pool_kind: PoolKind
    basis: Document = Field(title="依据 / what it rests on")
    fixed_items: list[FixedItem] = Field(default_factory=list, max_length=30)
    parts: list[Part] = Field(default_factory=list, max_length=20)
    leftover: Literal["keep", "refuse"] = Field(
        default="refuse", description="只有固定项时余额的去向 / what becomes of the rest where there are no parts"
    )
    outside: list[OutsideRule] = Field(default_factory=list, max_length=20)
    posting: Posting = Field(default_factory=Posting)
    appeal_account: CounterAccount = Field(
        default=CounterAccount.NEXT_POOL, description="申诉更正的对方科目 / account that a correction is booked against"
    )

    @model_validator(mode="after")
    def _sound(self) -> PlanDocument:
        if not self.fixed_items and not self.parts:
            raise refused("pay_plan.empty")
        total = sum((part.weight for part in self.parts), Decimal(0))
        if self.parts and total != 100:
            raise refused("pay_plan.weights_not_whole", total=str(total))
        codes = [*(item.code for item in self.fixed_items), *(part.code for part in self.parts)]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise refused("pay_plan.code_twice", codes=", ".join(twice))
        owed = [part for part in self.parts if isinstance(part.method, OwnEntitlement)]
        if any(part.floor_fen is not None or part.cap_fen is not None for part in owed):
            raise refused("pay_plan.bounds_on_entitlement")
        if len(owed) == len(self.parts) and any(_leaves_to_pool(part) for part in owed):
            raise refused("pay_plan.nothing_to_join")
        if ADJUSTMENT in codes:
            raise refused("pay_plan.code_reserved", taken=ADJUSTMENT)
        return self

    def points_keys(self) -> list[str]:
        """Names of points that the plan asks of everybody who shares."""
        sources = (part.method.points for part in self.parts if not isinstance(part.method, Equal | WorkloadRatio))
        return sorted({source.key for source in sources})

    def sources(self) -> Iterator[PointsSource]:
        """Where its points are from."""
        for part in self.parts:
            if not isinstance(part.method, Equal | WorkloadRatio):
                yield part.method.points

    def counts_keys(self) -> list[str]:
        """Names of counts that the plan asks for."""
        workloads = {part.method.count for part in self.parts if isinstance(part.method, WorkloadRatio)}
        standards = {item.standard for item in self.fixed_items if item.standard is not None}
        return sorted({item.count for item in self.fixed_items} | standards | workloads)

    def asks_entitlement(self) -> bool:
        """Whether everybody who shares needs an entitlement of their own."""
        return any(isinstance(part.method, OwnEntitlement) for part in self.parts)
