"""Every school's pool shared to its staff, from Parquet (§11): a fixed item, then two parts, one inside floors and caps.

Rivals are what a bureau would write: a loop over schools in plain Python with fractions, and columns of whole numbers in
pandas, which settle floors and caps by holding whoever lies outside until nobody does. All must agree to the fen; ours also
gives λ, bounds, ties and refusals.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.city import SEED, Scale
from bench.measure import Contender
from shared.scoring.allocation.allocate import Allocation, allocate
from shared.scoring.allocation.certificate import certificate
from shared.scoring.allocation.plan import EqualShare, FixedItem, Part, PayPlan, PointsShare

FILE = "allocation.parquet"
POOL_FEN = 45 * 1_200_003
_STAFF = 45
_HUNDREDTHS = pl.Decimal(18, 2)
PLAN = PayPlan(
    fixed_items=(FixedItem(code="class_teacher", unit_fen=100, count="pupil_months"),),
    parts=(
        Part(code="post", weight=Decimal(40), method=EqualShare(), post_coefficient="coefficient"),
        Part(
            code="assessment",
            weight=Decimal(60),
            method=PointsShare(points="points"),
            floor_fen="floor_fen",
            cap_fen="cap_fen",
        ),
    ),
)


def staff_count(scale: Scale) -> int:
    """Staff of all schools."""
    return scale.schools * _STAFF


def write_staff(path: Path, scale: Scale) -> None:
    """Writes the staff of all schools: one in a hundred stands outside, one in ten came or left during the year."""
    random, count = np.random.default_rng(SEED + 5), staff_count(scale)
    school = random.permutation(np.arange(count) % scale.schools)
    outside = pl.Series(["seconded" if drawn else None for drawn in random.random(count) < 0.01], dtype=pl.String)
    is_class_teacher = random.random(count) < 0.3
    pl.DataFrame(
        {
            "pool": pl.Series(school).cast(pl.String).str.zfill(5),
            "staff_key": pl.Series(random.permutation(count)).cast(pl.String).str.zfill(26),
            "exclusion": outside,
            "months_present": np.where(random.random(count) < 0.1, random.integers(1, 12, count), 12),
            "months_of_period": np.full(count, 12),
            "pupil_months": np.where(is_class_teacher, random.integers(200, 550, count), 0),
            "coefficient": pl.Series(random.integers(80, 160, count)).cast(_HUNDREDTHS) / 100,
            "points": pl.Series(random.integers(5_000, 12_000, count)).cast(_HUNDREDTHS) / 100,
            "floor_fen": random.integers(0, 450_000, count),
            "cap_fen": random.integers(900_000, 1_500_000, count),
        }
    ).with_columns(pl.col("coefficient", "points").cast(_HUNDREDTHS)).write_parquet(path, compression="zstd")


def _ours(folder: Path) -> Allocation:
    return _shared(pl.read_parquet(folder / FILE))


def _shared(members: pl.DataFrame) -> Allocation:
    pools = members.select(pl.col("pool").unique()).with_columns(pool_fen=pl.lit(POOL_FEN))
    return allocate(PLAN, pools, members)


def _certified(folder: Path) -> str:
    members = pl.read_parquet(folder / FILE)
    return certificate(PLAN, members, _shared(members)).text


def _ours_tidy(made: Allocation) -> pl.DataFrame:
    assert made.refusals == ()
    assert made.pools["paid_fen"].sum() == POOL_FEN * made.pools.height
    return made.payments.select("pool", "staff_key", "pay.class_teacher", "pay.post", "pay.assessment", "amount_fen")


def _plain(folder: Path) -> list[tuple[Any, ...]]:
    pools: dict[str, list[dict[str, Any]]] = {}
    for row in pl.read_parquet(folder / FILE).to_dicts():
        pools.setdefault(row["pool"], []).append(row)
    return [paid for rows in pools.values() for paid in _one_pool(sorted(rows, key=lambda row: row["staff_key"]))]


def _one_pool(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    inside = [row["exclusion"] is None for row in rows]
    fixed = [100 * row["pupil_months"] * here for row, here in zip(rows, inside, strict=True)]
    rest = POOL_FEN - sum(fixed)
    # 40 : 60; an odd fifth goes to the larger remainder.
    post_money = (40 * rest + 50) // 100
    post = [
        int(100 * row["coefficient"]) * row["months_present"] * here for row, here in zip(rows, inside, strict=True)
    ]
    points = [int(100 * row["points"]) * row["months_present"] * here for row, here in zip(rows, inside, strict=True)]
    floors = [row["floor_fen"] * here for row, here in zip(rows, inside, strict=True)]
    first = _spread(post_money, post, [0] * len(rows), [rest] * len(rows))
    second = _spread(rest - post_money, points, floors, [row["cap_fen"] for row in rows])
    return [
        (row["pool"], row["staff_key"], a, b, c, a + b + c)
        for row, a, b, c in zip(rows, fixed, first, second, strict=True)
    ]


def _spread(money: int, weights: list[int], floors: list[int], caps: list[int]) -> list[int]:
    held = {n: floors[n] for n, weight in enumerate(weights) if not weight}
    while True:
        free = [n for n in range(len(weights)) if n not in held]
        left, total = money - sum(held.values()), sum(weights[n] for n in free)
        low = {n: floors[n] * total - left * weights[n] for n in free if left * weights[n] < floors[n] * total}
        high = {n: left * weights[n] - caps[n] * total for n in free if left * weights[n] > caps[n] * total}
        if not low and not high:
            break
        short, over = sum(low.values()), sum(high.values())
        if short >= over:
            held |= {n: floors[n] for n in low}
        if over >= short:
            held |= {n: caps[n] for n in high}
    exact = [Fraction(held[n]) if n in held else Fraction(left * weights[n], total) for n in range(len(weights))]
    whole = [int(share) for share in exact]
    for n in sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))[: money - sum(whole)]:
        whole[n] += 1
    return whole


def _pandas(folder: Path) -> Any:
    import pandas as pd

    frame = pd.read_parquet(folder / FILE).sort_values(["pool", "staff_key"], ignore_index=True)
    inside = frame["exclusion"].isna().astype("int64")
    pool, months = frame["pool"], frame["months_present"] * inside
    fixed = 100 * frame["pupil_months"] * inside
    rest = POOL_FEN - fixed.groupby(pool).transform("sum")
    post_money = (40 * rest + 50) // 100
    nothing = fixed * 0
    post = (frame["coefficient"].astype(float) * 100).round().astype("int64") * months
    points = (frame["points"].astype(float) * 100).round().astype("int64") * months
    made = pd.DataFrame({"pool": pool, "staff_key": frame["staff_key"], "pay.class_teacher": fixed})
    made["pay.post"] = _pandas_spread(pool, post_money, post, nothing, rest)
    bounds = frame["floor_fen"] * inside, frame["cap_fen"]
    made["pay.assessment"] = _pandas_spread(pool, rest - post_money, points, *bounds)
    return made.assign(amount_fen=fixed + made["pay.post"] + made["pay.assessment"])


def _pandas_spread(pool: Any, money: Any, weights: Any, floors: Any, caps: Any) -> Any:
    held = floors.where(weights == 0)
    while True:
        free = held.isna()
        left = money - held.fillna(0).astype("int64").groupby(pool).transform("sum")
        total = (weights * free).groupby(pool).transform("sum")
        short = (floors * total - left * weights).where(free, 0).clip(lower=0)
        over = (left * weights - caps * total).where(free, 0).clip(lower=0)
        if not (short > 0).any() and not (over > 0).any():
            break
        lacks, exceeds = short.groupby(pool).transform("sum"), over.groupby(pool).transform("sum")
        held = held.mask((short > 0) & (lacks >= exceeds), floors).mask((over > 0) & (exceeds >= lacks), caps)
    whole = held.fillna(0).astype("int64").where(~free, left * weights // total.clip(lower=1))
    remainder = (left * weights % total.clip(lower=1)).where(free, 0)
    order = remainder.groupby(pool).rank("first", ascending=False)
    return whole + (order <= money - whole.groupby(pool).transform("sum")).astype("int64")


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    fen = ["pay.class_teacher", "pay.post", "pay.assessment", "amount_fen"]
    return frame.select(pl.col("pool", "staff_key").cast(pl.String), pl.col(fen).cast(pl.Int64)).sort(
        "pool", "staff_key"
    )


def _plain_tidy(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = ["pool", "staff_key", "pay.class_teacher", "pay.post", "pay.assessment", "amount_fen"]
    return _in_order(pl.DataFrame(rows, names, orient="row"))


CONTENDERS = (
    Contender("this project", _ours, _ours_tidy),
    Contender("with certificate", _certified),
    Contender("plain Python", _plain, _plain_tidy),
    Contender("pandas", _pandas, lambda frame: _in_order(pl.DataFrame(pl.from_pandas(frame)))),
)
