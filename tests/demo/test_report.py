"""What the demonstration prints of published figures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from demo.narration import LEAST_WIDTH, Narration
from demo.report import RATES, city_table, effect_tables, model_line


def printed(*tables: Table) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=LEAST_WIDTH)
    for table in tables:
        console.print(table)
    return stream.getvalue()


def statistic(value: float | None, *ci: float) -> dict[str, Any]:
    return {"value": value, "n": 2_287, "se": 0.1, "ci": list(ci) or None, "suppressed": value is None}


def summary() -> list[dict[str, Any]]:
    rates = {f"{code}_rate": statistic(0.25, 0.2331, 0.2679) for code, _ in RATES}
    figures = {"n_sat": 2_287, "mean": statistic(19.437, 19.17, 19.71), "sd": statistic(6.612), **rates}
    withheld = {name: statistic(None) for name in figures} | {"n_sat": 3}
    city = {"level": "city", "subject": "arithmetic", "role": "outcome"}
    return [
        city | figures,
        city | {"subject": "language"} | withheld,
        city | {"subject": "arithmetic_intake", "role": "intake"} | figures,
        city | {"level": "county"} | figures | {"n_sat": 99},
    ]


def effects(count: int) -> list[dict[str, Any]]:
    values = [number - count / 2 for number in range(count)]
    return [
        {
            "school_code": f"21529{number:05d}",
            "county_code": "520502",
            "name_zh": f"示范小学{number}",
            "n": 20,
            "effect": statistic(value, value - 1, value + 1),
            "label": "as_expected" if number < count - 1 else None,
        }
        for number, value in enumerate(values)
    ]


def test_the_city_table_shows_outcomes_of_the_city_with_intervals() -> None:
    text = printed(city_table(summary()))
    for words in ("数学 Arithmetic", "2287", "19.44", "[19.17, 19.71]", "6.61", "25.0%", "[23.3, 26.8]"):
        assert words in text
    assert "前测" not in text
    assert "99" not in text


def test_withheld_figures_are_dashes() -> None:
    assert printed(city_table(summary())).count("—") == 2 + len(RATES)


@pytest.mark.parametrize("width", [80, LEAST_WIDTH])
def test_no_figure_is_cut_off_on_a_narrow_terminal(width: int) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=width)
    for table in (city_table(summary()), *effect_tables(effects(20), {"520502": "威宁彝族回族苗族自治县"})):
        console.print(table)
    assert "…" not in stream.getvalue()
    assert "19.44 [19.17, 19.71]" in stream.getvalue()


def test_the_five_best_and_worst_are_in_order_with_names_and_labels() -> None:
    best, worst = effect_tables(effects(20), {"520502": "七星关区"})
    text = printed(best)
    assert (best.row_count, worst.row_count) == (5, 5)
    assert text.index("2152900019") < text.index("2152900018") < text.index("2152900015")
    for words in ("示范小学19", "七星关区", "+9.00", "[8.00, 10.00]", "与预期相当", "人数不足"):
        assert words in text
    assert "-10.00" in printed(worst).splitlines()[-2]


def test_no_school_without_an_effect_is_ranked() -> None:
    items = effects(6)
    items[3]["effect"] = statistic(None)
    assert items[3]["school_code"] not in printed(*effect_tables(items, {}))


def test_a_model_line_gives_variance_components_or_the_reason_for_none() -> None:
    model = {
        "outcome": "arithmetic",
        "intakes": ["arithmetic_intake"],
        "status": "computed",
        "reason": None,
        "coefficients": [{"term": "intercept", "value": 5.6152903792, "se": 0.42548307557}],
        "tau2": 6.0696893982,
        "sigma2": 20.1014084182,
        "icc": 0.2319,
        "n": 2_287,
        "groups": 131,
        "method": "reml",
    }
    line = model_line(model)
    for words in ("β[intercept] = 5.6153 (se 0.4255)", "τ² = 6.0697, σ² = 20.1014, ICC = 0.2319", "n = 2287", "REML"):
        assert words in line
    assert "few_schools" in model_line(model | {"tau2": None, "status": "not_computed", "reason": "few_schools"})


def test_steps_are_announced_and_closed_with_their_outcome() -> None:
    stream = io.StringIO()
    narration = Narration(Console(file=stream, width=LEAST_WIDTH))
    with narration.step("上传", "Sending") as step:
        for done in range(1, 9):
            step.progress(done, 8, "schools")
        step.came_to("新收 8", "8 created")
    text = stream.getvalue()
    assert text.startswith(" 1. 上传  Sending\n")
    assert [line.strip() for line in text.splitlines()[1:-1]] == [f"{done}/8 schools" for done in (2, 4, 6, 8)]
    assert "✓ 新收 8  8 created" in text
