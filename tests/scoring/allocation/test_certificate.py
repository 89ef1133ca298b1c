"""A run against the separate program that shares no code with it, over thousands of random plans."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from shared.scoring.allocation.certificate import Certificate, certificate
from shared.scoring.allocation.plan import (
    EntitlementShare,
    EqualShare,
    Exclusion,
    FixedItem,
    Leftover,
    Part,
    PayPlan,
    PointsShare,
    ShareMethod,
    Tier,
    TierShare,
    TieRule,
    WithoutWeights,
    WorkloadShare,
)
from shared.scoring.allocation.plan_faults import plan_faults
from tests.scoring.allocation.staff_rooms import BY_POINTS, allocated, part, people
from tools.check_pay_certificate import check


def certified(plan: PayPlan, money: dict[str, int], rows: list[dict]) -> tuple[Certificate, int]:
    made = allocated(plan, money, *rows)
    return certificate(plan, people(*rows), made), len(made.refusals)


def differences(made: Certificate) -> list[str]:
    return check(*made.files().values())


def random_method(chance: random.Random) -> ShareMethod:
    rates = chance.choice([("0.3", "0.4", "0.3"), ("0.25", "0.75"), ("1",), ("0.3333", "0.3334", "0.3333")])
    tiers = tuple(
        Tier(
            people_rate=Decimal(rate),
            coefficient=Decimal(chance.choice(["2", "1.6", "90", "0.5"])) - place / Decimal(4),
        )
        for place, rate in enumerate(rates)
    )
    tiers = tuple(
        sorted((replace(tier, coefficient=abs(tier.coefficient)) for tier in tiers), key=lambda t: -t.coefficient)
    )
    by_group = chance.random() < 0.5
    return chance.choice(
        [
            PointsShare(points="points"),
            PointsShare(points="points", gamma=Decimal(chance.choice(["0.5", "1.5", "2", "1.37"]))),
            WorkloadShare(workload="workload"),
            EqualShare(),
            EntitlementShare(
                entitlement_fen="entitlement_fen",
                score="points",
                leftover=chance.choice([Leftover.TO_POOL, Leftover.KEEP]),
            ),
            TierShare(
                points="points",
                tiers=tuple(replace(tier, people_rate=Decimal(rate)) for tier, rate in zip(tiers, rates, strict=True)),
                ties=chance.choice(list(TieRule)),
                group_by=("class_kind",) if by_group else (),
                money_by_group=by_group and chance.random() < 0.5,
            ),
        ]
    )


def random_part(chance: random.Random, number: int) -> Part:
    method = random_method(chance)
    bounded = chance.random() < 0.4 and not isinstance(method, EntitlementShare)
    return part(
        method,
        code=f"part{number}",
        weight=chance.choice(["50", "27", "23", "1", "0.5"]),
        post_coefficient=chance.choice([None, "coefficient"]),
        by_presence=chance.random() < 0.7,
        floor_fen="floor_fen" if bounded else None,
        cap_fen="cap_fen" if bounded else None,
        without_weights=chance.choice(list(WithoutWeights)),
    )


def random_plan(chance: random.Random) -> PayPlan:
    items = (
        FixedItem(code="class", unit_fen=100, count="pupil_months", paid_to=frozenset({Exclusion.RETIRED})),
        FixedItem(code="lessons", unit_fen=7, count="lessons", standard="standard"),
    )
    while True:
        parts = tuple(random_part(chance, number) for number in range(chance.randint(1, 3)))
        plan = PayPlan(fixed_items=items[: chance.randint(0, 2)], parts=parts)
        if not plan_faults(plan):
            return plan


def random_people(chance: random.Random, money: int, pool: str) -> list[dict]:
    count = chance.choice([1, 2, 3, 5, 9])
    idle = chance.random() < 0.1
    equal = chance.random() < 0.2
    return [
        {
            "pool": pool,
            "staff_key": f"{chance.random():.9f}",
            "exclusion": chance.choice([None] * 8 + ["retired", "conduct_veto"]),
            "class_kind": chance.choice(["", "a", "b"]),
            "months_present": chance.choice([12, 12, 12, 6, "3.5", 0]),
            "points": 0 if idle else 80 if equal else chance.choice([80, 80, chance.randint(0, 10_000) / Decimal(100)]),
            "coefficient": chance.choice([1, "1.2", "0.85"]),
            "workload": chance.randint(0, 400) / Decimal(10),
            "pupil_months": chance.randint(0, money // 1_000 // count + 1) if money > 1_000 else 0,
            "lessons": chance.randint(0, 30) / Decimal(2),
            "standard": chance.choice([0, 12]),
            "floor_fen": chance.choice([None, chance.randint(0, money // count // 8 + 1)]),
            "cap_fen": chance.choice([None, None, None, money // count * 4 + 1]),
            "entitlement_fen": chance.randint(0, money // count // 10 + 1),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_a_thousand_pools_by_random_plans_agree_to_the_fen(seed):
    chance = random.Random(seed)  # noqa: S311 - plans for a test
    shared = refused = 0
    for _ in range(32):
        plan = random_plan(chance)
        money = {f"P{number}": chance.choice([0, 1, 100, 99_999, 10**7, 10**15]) for number in range(8)}
        rows = [row for pool, amount in money.items() for row in random_people(chance, amount, pool)]
        made, refusals = certified(plan, money, rows)
        assert differences(made) == []
        shared += len(json.loads(made.text)["pools"])
        refused += refusals
    assert shared > 100
    assert refused > 10


def test_a_certificate_names_what_it_was_made_from():
    made, _ = certified(BY_POINTS, {"A": 1_002}, [{"points": 33}, {"points": 33}, {"points": 34}])
    told = json.loads(made.text)
    assert (told["format"], told["pool_fen"], told["paid_fen"]) == ("pay-certificate/1", 1_002, 1_002)
    assert told["method"] == {"id": "pay.allocation", "version": "1.0.0", "section": "11"}
    assert told["plan"]["parts"][0]["method"] == {"kind": "points", "points": "points", "gamma": "1"}
    assert told["pools"][0]["tied_count"] == 2
    assert made.inputs.splitlines()[0] == "pool,staff_key,exclusion,months_present,months_of_period,points"
    assert made.payments.splitlines()[1:] == ["A,00000,331,331", "A,00001,330,330", "A,00002,341,341"]
    assert made.sha256 == certified(BY_POINTS, {"A": 1_002}, [{"points": 33}, {"points": 33}, {"points": 34}])[0].sha256


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("payments", "331,331", "330,330", "A 00000 pay.points: 330 paid, 331 due"),
        ("inputs", "33.0000", "33.5000", "inputs: not what the certificate was made for"),
        ("text", '"gamma":"1"', '"gamma":"2"', "plan: not what the certificate was made for"),
        ("text", '"paid_fen":1002,"pool"', '"paid_fen":1001,"pool"', "A: 1002 paid and 0 kept are not 1002"),
        ("payments", "A,00002,341,341\n", "", "A: inputs and payments are not of the same people"),
        ("payments", "A,00002", "B,00002", "B: not in the certificate"),
    ],
)
def test_whatever_is_tampered_with_is_found(file, old, new, told):
    made, _ = certified(BY_POINTS, {"A": 1_002}, [{"points": 33}, {"points": 33}, {"points": 34}])
    text = getattr(made, file)
    assert old in text
    assert told in differences(replace(made, **{file: text.replace(old, new, 1)}))


def test_it_runs_alone(tmp_path, monkeypatch, capsys):
    import runpy
    import sys

    made, _ = certified(BY_POINTS, {"A": 10}, [{"points": 1}])
    for name, text in made.files().items():
        (tmp_path / name).write_text(text, "utf-8")
    program = Path(__file__).parents[3] / "tools" / "check_pay_certificate.py"
    monkeypatch.setattr(sys, "argv", [str(program), str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(program), run_name="__main__")
    assert left.value.code == 0
    assert capsys.readouterr().out == "every fen agrees\n"
    imported = [line for line in program.read_text("utf-8").splitlines() if line.startswith(("import ", "from "))]
    assert not any("shared" in line or "polars" in line for line in imported)
