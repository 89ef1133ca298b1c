"""The words of a calculation, Chinese first."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from shared.scoring.allocation.plan import Exclusion
from shared.scoring.rounding import half_away_from_zero
from shared.scoring.rules.base import Sentence

EXCLUSIONS: Mapping[str, Sentence] = {
    Exclusion.PRINCIPAL: Sentence("校长绩效由教育主管部门核定", "a principal's pay is decided by the education office"),
    Exclusion.SECONDED: Sentence("借调在外", "seconded elsewhere"),
    Exclusion.RETIRED: Sentence("期内退休，另行计发", "retired during the period, paid apart"),
    Exclusion.LEFT: Sentence("期内离开，另行计发", "left during the period, paid apart"),
    Exclusion.CONDUCT_VETO: Sentence("师德一票否决", "a confirmed violation of professional conduct"),
    Exclusion.NOT_ELIGIBLE: Sentence("方案规定不参与分配", "not eligible by the plan"),
}
"""Why somebody stands outside a pool."""
FIGURES: Mapping[str, Sentence] = {
    "points": Sentence("积分", "points"),
    "gamma": Sentence("指数", "exponent"),
    "workload": Sentence("工作量", "workload"),
    "workload_score": Sentence("工作量得分", "workload score"),
    "tier": Sentence("档次", "tier"),
    "coefficient": Sentence("档次系数", "coefficient of the tier"),
    "post_coefficient": Sentence("岗位系数", "post coefficient"),
    "presence": Sentence("在岗", "presence"),
}
"""Names of the figures that a weight is made of."""


def yuan(fen: int) -> str:
    """Fen as yuan, with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def in_fen(exact: Fraction) -> str:
    """An exact amount as fen with four decimals."""
    units, rest = divmod(exact.numerator * 10**4, exact.denominator)
    return str(half_away_from_zero(Decimal(units + (2 * rest >= exact.denominator)).scaleb(-4), 4))


def pool(fen: int) -> Sentence:
    """The pool."""
    return Sentence(f"绩效总额 {yuan(fen)} 元。", f"The pool is {yuan(fen)} yuan.")


def excluded(reason: Sentence) -> Sentence:
    """Why somebody stands outside."""
    return Sentence(
        f"不参与分配：{reason.zh}；总额不减。", f"Outside the pool: {reason.en}; the money stays in the pool."
    )


def fixed(unit_fen: int, count: str, standard: str | None, amount: int) -> Sentence:
    """A fixed item."""
    taken = "" if standard is None else f" − {standard}"
    counted = f"({count}{taken})" if taken else count
    sum_ = f"{yuan(unit_fen)} × {counted} = {yuan(amount)}"
    return Sentence(f"固定项目：{sum_} 元。", f"Fixed item: {sum_} yuan.")


def rest(pool_fen: int, fixed_fen: int, rest_fen: int) -> Sentence:
    """What is left after the fixed items of everybody."""
    sum_ = f"{yuan(pool_fen)} − {yuan(fixed_fen)} = {yuan(rest_fen)}"
    return Sentence(f"扣除全体固定项目后的余额：{sum_} 元。", f"Left after the fixed items of all: {sum_} yuan.")


def part_money(fen: int) -> Sentence:
    """A part's money."""
    return Sentence(f"本部分总额 {yuan(fen)} 元。", f"This part has {yuan(fen)} yuan.")


def entitlement(entitlement_fen: int, score: str, full_score: int, presence: str | None, amount: int) -> Sentence:
    """An own entitlement."""
    sum_ = f"{yuan(entitlement_fen)} × {score} ÷ {full_score}" + (f" × {presence}" if presence else "")
    return Sentence(f"本人标准：{sum_} = {yuan(amount)} 元。", f"Own entitlement: {sum_} = {yuan(amount)} yuan.")


def weight(figures: Mapping[str, str], parts_of_weight: int) -> Sentence:
    """What a weight is made of."""
    zh = "、".join(f"{FIGURES[name].zh} {value}" for name, value in figures.items())
    en = ", ".join(f"{FIGURES[name].en} {value}" for name, value in figures.items())
    if not figures:
        return Sentence(f"人人相同，权数 {parts_of_weight}。", f"The same for everybody: weight {parts_of_weight}.")
    return Sentence(f"{zh}，权数 {parts_of_weight}。", f"{en[0].upper()}{en[1:]}: weight {parts_of_weight}.")


def exact_share(parts_of_weight: int, rate: Fraction, exact: Fraction) -> Sentence:
    """λ × weight."""
    sum_ = f"{parts_of_weight} × {rate} = {in_fen(exact)}"
    return Sentence(f"权数 × 每权数金额：{sum_} 分。", f"Weight × rate: {sum_} fen.")


def floored(fen: int) -> Sentence:
    """A floor that holds."""
    return Sentence(f"低于保底，按保底 {yuan(fen)} 元。", f"Below the floor: the floor of {yuan(fen)} yuan holds.")


def capped(fen: int) -> Sentence:
    """A cap that holds."""
    return Sentence(f"高于封顶，按封顶 {yuan(fen)} 元。", f"Above the cap: the cap of {yuan(fen)} yuan holds.")


def rounded(fen: int, *, is_raised: bool, is_tied: bool) -> Sentence:
    """How the last fen was settled."""
    zh, en = ("按最大余额法进一分", "a fen up, by largest remainder") if is_raised else ("舍去不足一分", "rounded down")
    if is_tied:
        zh, en = f"{zh}（余额相同，按人员代号先后）", f"{en} (equal remainders: in the order of staff keys)"
    return Sentence(f"{zh}：{yuan(fen)} 元。", f"{en[0].upper()}{en[1:]}: {yuan(fen)} yuan.")


def total(fen: int) -> Sentence:
    """What is paid."""
    return Sentence(f"合计 {yuan(fen)} 元。", f"Together {yuan(fen)} yuan.")
