"""Checks a performance-pay run without the program that made it: every fen again, in fractions, from the exported files.

``python tools/check_pay_certificate.py BUNDLE`` reads ``certificate.json``, ``inputs.csv`` and ``payments.csv`` out of the
downloaded file, or out of a folder. It needs Python alone, shares no code with the platform and follows docs/scoring.md
§11; slow and simple on purpose.
"""

import csv
import hashlib
import io
import json
import sys
import zipfile
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

FILES = ("certificate.json", "inputs.csv", "payments.csv")
Row = dict[str, str]


def number(row: Row, column: str | None) -> Fraction:
    """A figure of a person; 1 where the plan names no column, 0 where there is none."""
    return Fraction(1) if column is None else Fraction(row[column] or 0)


def half_up(value: Fraction) -> int:
    """To the whole fen, halves away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (-1 if value < 0 else 1)


def share(money: int, weights: list[Fraction], floors: list[int], caps: list[int | None]) -> list[int]:
    """Hold whoever lies outside the bounds, the side that weighs more first, until nobody does; then largest remainder."""
    held = {n: Fraction(floors[n]) for n, weight in enumerate(weights) if not weight}
    low = high = {0: Fraction(0)}
    while low or high:
        free = [n for n in range(len(weights)) if n not in held]
        left = money - sum(held.values(), Fraction(0))
        rate = left / sum((weights[n] for n in free), Fraction(0)) if free else left
        exact = [held.get(n, rate * weight) for n, weight in enumerate(weights)]
        low = {n: floors[n] - exact[n] for n in free if exact[n] < floors[n]}
        high = {n: exact[n] - cap for n in free if (cap := caps[n]) is not None and exact[n] > cap}
        short, over = sum(low.values()), sum(high.values())
        held |= {n: exact[n] + low[n] for n in low if short >= over} | {
            n: exact[n] - high[n] for n in high if over >= short
        }
    whole = [int(one) for one in exact]
    for n in sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))[: money - sum(whole)]:
        whole[n] += 1
    return whole


def split(money: int, weights: list[Fraction]) -> list[int]:
    """Shares without bounds."""
    return share(money, weights, [0] * len(weights), [None] * len(weights))


def power(points: Fraction, gamma: str) -> Fraction:
    """points to the power of gamma, at six decimals."""
    if gamma == "1" or not points:
        return points
    with localcontext(prec=60):
        base = Decimal(points.numerator) / Decimal(points.denominator)
        return Fraction((base ** Decimal(gamma)).quantize(Decimal("0.000001")))


def tier(method: Any, row: Row, group: list[Row]) -> Fraction:
    """Of n people the first n × (shares so far), halves up, are in a tier or a better one."""
    points = sorted((number(one, method["points"]) for one in group), reverse=True)
    own, reached = number(row, method["points"]), Fraction(0)
    place = {"higher": points.index(own), "lower": len(points) - 1 - points[::-1].index(own)}.get(method["ties"])
    if place is None:
        place = points.index(own) + [one for one in group if number(one, method["points"]) == own].index(row)
    for one in method["tiers"]:
        reached += Fraction(one["people_rate"])
        if place < half_up(len(group) * reached):
            return Fraction(one["coefficient"])
    return Fraction(0)


def part_pay(part: Any, money: int, rows: list[Row]) -> list[int]:
    """What everybody gets of one part."""
    method, kind = part["method"], part["method"]["kind"]
    inside = [not row["exclusion"] for row in rows]
    period = "months_of_period" if part["by_presence"] else None
    here = [
        number(row, period and "months_present") / number(row, period) if is_in else Fraction(0)
        for row, is_in in zip(rows, inside, strict=True)
    ]
    alone = [one * (number(row, part["post_coefficient"]) if one else 0) for row, one in zip(rows, here, strict=True)]
    groups = [[row[column] for column in method.get("group_by", [])] for row in rows]
    weights, floors, caps = [], [0] * len(rows), [None] * len(rows)  # type: tuple[list[Fraction], list[int], list[Any]]
    for n, row in enumerate(rows):
        ranked = [one for m, one in enumerate(rows) if here[m] and groups[m] == groups[n]]
        figure = Fraction(1)
        if not here[n]:
            figure = Fraction(0)
        elif kind == "entitlement":
            figure = number(row, method["entitlement_fen"]) * number(row, method["score"]) / method["full_score"]
        elif kind == "tiers":
            figure = tier(method, row, ranked)
        elif kind != "equal":
            figure = power(number(row, method.get("points") or method.get("workload")), method.get("gamma", "1"))
        weights.append(figure * alone[n])
        if inside[n] and part["floor_fen"]:
            floors[n] = int(row[part["floor_fen"]] or 0)
        if inside[n] and part["cap_fen"] and row[part["cap_fen"]]:
            caps[n] = int(row[part["cap_fen"]])
    if kind == "entitlement":
        return [half_up(weight) for weight in weights]
    if money and not any(weights) and part["without_weights"] == "keep":
        return [0] * len(rows)
    weights = weights if any(weights) or part["without_weights"] != "equal" else alone
    groups = groups if method.get("money_by_group") else [[]] * len(rows)
    labels, paid = sorted(groups[n] for n in range(len(rows)) if groups.index(groups[n]) == n), [0] * len(rows)
    for name, sum_here in zip(
        labels,
        split(money, [sum((a for a, g in zip(alone, groups, strict=True) if g == one), Fraction(0)) for one in labels]),
        strict=True,
    ):
        chosen = [n for n, group in enumerate(groups) if group == name]
        made = share(sum_here, [weights[n] for n in chosen], [floors[n] for n in chosen], [caps[n] for n in chosen])
        for n, amount in zip(chosen, made, strict=True):
            paid[n] = amount
    return paid


def pool_pay(plan: Any, pool_fen: int, rows: list[Row]) -> dict[str, list[int]]:
    """What everybody of one pool gets, by item and part."""
    paid: dict[str, list[int]] = {}
    for item in plan["fixed_items"]:
        count = [
            number(row, item["count"]) - (number(row, item["standard"]) if item["standard"] else 0) for row in rows
        ]
        whose = [not row["exclusion"] or row["exclusion"] in item["paid_to"] for row in rows]
        paid[item["code"]] = [half_up(item["unit_fen"] * count[n]) if whose[n] else 0 for n in range(len(rows))]
    parts, weights = plan["parts"], [Fraction(part["weight"]) for part in plan["parts"]]
    pot = pool_fen - sum(map(sum, paid.values()))
    money = split(pot, weights) if parts else []
    own = [n for n, part in enumerate(parts) if part["method"]["kind"] == "entitlement"]
    joins = [n for n in own if parts[n]["method"]["leftover"] == "to_pool"]
    for n in own:
        amounts = paid[parts[n]["code"]] = part_pay(parts[n], money[n], rows)
        pot -= sum(amounts) if n in joins else money[n]
    others = [n for n in range(len(parts)) if n not in own]
    again = split(pot, [weights[n] for n in others]) if joins else [money[n] for n in others]
    for n, here in zip(others, again, strict=True):
        paid[parts[n]["code"]] = part_pay(parts[n], here, rows)
    return paid


def check_pool(plan: Any, told: Any, rows: list[Row], paid: list[Row]) -> list[str]:
    """Differences of one pool."""
    if not rows or [row["staff_key"] for row in rows] != [row["staff_key"] for row in paid]:
        return [f"{told['pool']}: inputs and payments are not of the same people"]
    made = {f"pay.{code}": amounts for code, amounts in pool_pay(plan, told["pool_fen"], rows).items()}
    made["amount_fen"] = [sum(one) for one in zip(*made.values(), strict=True)]
    faults = [
        f"{told['pool']} {row['staff_key']} {name}: {row[name]} paid, {amounts[n]} due"
        for n, row in enumerate(paid)
        for name, amounts in made.items()
        if int(row[name]) != amounts[n]
    ]
    total = sum(int(row["amount_fen"]) for row in paid)
    if total != told["paid_fen"] or total + told["kept_fen"] != told["pool_fen"]:
        faults.append(f"{told['pool']}: {total} paid and {told['kept_fen']} kept are not {told['pool_fen']}")
    return faults


def check(certificate: str, inputs: str, payments: str) -> list[str]:
    """Every difference, in words; none: all is right. Arguments are the texts of the three files."""
    told, by_pool, faults = json.loads(certificate), {}, []  # type: tuple[Any, dict[str, list[list[Row]]], list[str]]
    plan = json.dumps(told["plan"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    for name, text in (("inputs", inputs), ("payments", payments), ("plan", plan)):
        if hashlib.sha256(text.encode()).hexdigest() != told[f"{name}_sha256"]:
            faults.append(f"{name}: not what the certificate was made for")
    for place, text in enumerate((inputs, payments)):
        for row in sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["staff_key"]):
            by_pool.setdefault(row["pool"], [[], []])[place].append(row)
    faults += [f"{pool}: not in the certificate" for pool in by_pool.keys() - {one["pool"] for one in told["pools"]}]
    for one in told["pools"]:
        faults += check_pool(told["plan"], one, *by_pool.get(one["pool"], [[], []]))
    return faults


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).exists():
        sys.exit("usage: check_pay_certificate.py BUNDLE.zip | FOLDER")
    given = Path(sys.argv[1])
    root = given if given.is_dir() else zipfile.Path(given)
    found = check(*(root.joinpath(name).read_text("utf-8") for name in FILES))
    sys.stdout.write("\n".join(found or ["every fen agrees"]) + "\n")
    sys.exit(1 if found else 0)
