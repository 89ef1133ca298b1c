"""Item figures as published: equal to what the core says of the same answers, and shown to whom they are meant for."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from services.monitoring.item_sheets.marks import with_marks
from services.monitoring.papers.rules import item_plan
from services.monitoring.results.views import table_view
from shared.policy.visibility import result_visibility
from shared.scoring.items.analysis import analyze_items
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.items.stored import analyze_stored_items
from shared.terms.actor import Actor
from shared.terms.education import Stage
from tests.services.monitoring.item_sheets.lsat import IN_A_PAIR, PAPER, QUESTIONS, SCHOOLS, SMALL, items_of
from tests.services.monitoring.office import CITY_ADMIN, Office
from tests.services.monitoring.results.city import PROVINCE, at_county, at_school

pytestmark = pytest.mark.anyio
REFERENCE = Path(__file__).parents[3] / "scoring/reference/lsat6.json"
FIRST = next(iter(SCHOOLS.values()))


async def items(office: Office, table: str, who: Actor = CITY_ADMIN, **filters: Any) -> list[dict[str, Any]]:
    answer = await office.get(f"/results/{table}", who, params={"page_size": 1000, **filters})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


async def frame(office: Office, table: str, who: Actor = CITY_ADMIN) -> pl.DataFrame:
    answer = await office.get(f"/results/{table}:download", who, params={"format": "parquet"})
    assert answer.status_code == 200, answer.text
    return pl.read_parquet(io.BytesIO(answer.content))


async def test_figures_are_those_of_psych(lsat: Office) -> None:
    expected = json.loads(REFERENCE.read_text("utf-8"))
    rest = await items(lsat, "item-measures", measure="item_discrimination_item_rest")
    assert {row["item"]: row["value"]["value"] for row in rest} == pytest.approx(expected["r_drop"], rel=1e-10)
    (one,) = await items(lsat, "item-measures", measure="item_difficulty", item="Q3")
    assert (one["value"]["value"], one["value"]["n"]) == (pytest.approx(0.553), 1000)
    assert one["value"]["method"] == "items.difficulty"
    (alpha,) = await items(lsat, "paper-measures", measure="cronbach_alpha")
    assert alpha["value"]["value"] == pytest.approx(expected["alpha_raw"], rel=1e-10)


async def test_every_table_is_what_the_core_says_of_the_same_answers(lsat: Office) -> None:
    letters = list("ABCD")
    plan = ItemPlan(
        subject="lsat",
        items=tuple(
            Item(code, Decimal(1), knowledge_points=("k1" if code < "Q3" else "k2",), options=tuple("ABCD"), key="B")
            for code in QUESTIONS
        ),
    )
    written = [
        items_of(school).with_columns(
            pl.lit("present").alias("status"),
            *(pl.col(f"{code}__option").replace_strict(range(4), letters, default=None) for code in QUESTIONS),
        )
        for school in SCHOOLS.values()
    ]
    whole = analyze_items(written, plan)
    for name, expected in whole.shown_to(None).frames().items():
        assert (await frame(lsat, name.replace("_", "-"))).equals(expected), name


async def test_attainment_is_read_by_aspect_and_place(lsat: Office) -> None:
    rows = await items(lsat, "item-attainment", level="school", aspect="knowledge_point", aspect_code="k1")
    assert len(rows) == len(SCHOOLS)
    shown = next(row for row in rows if row["school_code"] == FIRST.code)
    assert shown["attainment"]["value"] == pytest.approx(
        items_of(FIRST).select(pl.mean_horizontal("Q1", "Q2")).mean().item()
    )
    assert shown["gap"]["se"] is not None
    small = next(row for row in rows if row["school_code"] == SMALL.code)
    assert (small["aspect_code"], small["attainment"]["value"], small["suppression"]) == ("k1", None, "primary")


async def test_a_school_sees_itself_its_county_and_the_city(lsat: Office) -> None:
    table = await frame(lsat, "item-attainment", at_school(FIRST))
    assert set(table["school_code"].drop_nulls()) == {FIRST.code}
    assert set(table["level"]) == {"city", "county", "school", "class"}
    own = await frame(lsat, "item-attainment", at_school(SMALL))
    assert own.filter(level="school")["attainment"].null_count() == 0


async def test_of_a_pair_of_schools_neither_finds_the_other_by_subtraction(lsat: Office) -> None:
    county = (await frame(lsat, "item-attainment", at_school(IN_A_PAIR))).filter(level="county")
    assert county["attainment"].null_count() == county.height > 0
    assert set(county["suppression"]) == {"complementary"}
    assert county["aspect_code"].null_count() == 0


async def test_item_quality_is_for_offices_and_schools_and_options_for_those_who_teach(lsat: Office) -> None:
    for who in (CITY_ADMIN, at_county("990001"), at_school(FIRST), at_school(FIRST, "teacher"), PROVINCE):
        assert len(await items(lsat, "item-measures", who, measure="item_difficulty")) == 5
    for who in (CITY_ADMIN, at_county("990001", "county_reviewer"), at_school(FIRST, "teacher")):
        bands = await items(lsat, "option-bands", who, item="Q1")
        assert len(bands) == 5 * 5
        assert len(await items(lsat, "option-flags", who)) == 25
    for who in (PROVINCE, at_school(FIRST, "school_operator")):
        assert await items(lsat, "option-bands", who) == await items(lsat, "option-flags", who) == []


async def test_reasons_to_look_go_to_offices_and_name_no_pupil(lsat: Office) -> None:
    table = await frame(lsat, "item-anomalies")
    assert "candidate_id" not in table.columns
    assert await items(lsat, "item-anomalies", at_school(FIRST)) == []
    assert (await lsat.get("/results/identical-answers")).status_code in (404, 422)
    assert (await lsat.get("/results/candidates/identical-answers")).status_code == 403
    own = await lsat.get("/results/candidates/identical-answers", at_school(FIRST))
    assert (own.status_code, own.headers["cache-control"]) == (200, "private, no-store")


def seen_by_one_of_two(name: str, frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    who = result_visibility(at_school(FIRST), stage=Stage.PRIMARY, exam_kind="sample_monitoring")
    view = table_view(name, lambda table: frames[table].lazy(), visibility=who, min_n=10, is_drawn=False)
    return view.shown(frames[name].filter(view.rows))


async def test_where_two_schools_sent_items_neither_is_told_what_holds_for_both() -> None:
    """Although all schools sent marks: it is the items that tell."""
    others = SCHOOLS["2199000005"]
    plan = item_plan("lsat", PAPER, min_n=10)
    rows = pl.concat([items_of(FIRST), items_of(others)])
    frames = analyze_stored_items(with_marks(rows.lazy(), PAPER, plan), plan).frames()
    measures = seen_by_one_of_two("item_measures", frames)
    assert measures["value"].null_count() == measures.height > 0
    assert measures["item"].null_count() == measures["full_mark"].null_count() == 0
    attainment = seen_by_one_of_two("item_attainment", frames)
    city, own = attainment.filter(level="city"), attainment.filter(level="school")
    assert city["attainment"].null_count() == city.height > 0
    assert own["attainment"].null_count() == 0
    relative = ["reference_attainment", "gap", "gap_se", "gap_ci_low", "gap_ci_high"]
    assert all(own[column].null_count() == own.height > 0 for column in relative)


async def test_of_a_drawn_sample_schools_are_shown_as_tested_and_nothing_stands_for_the_city() -> None:
    plan = item_plan("lsat", PAPER, min_n=10)
    rows = pl.concat([items_of(school) for school in SCHOOLS.values()])
    frames = analyze_stored_items(with_marks(rows.lazy(), PAPER, plan), plan).frames()
    who = result_visibility(CITY_ADMIN, stage=Stage.PRIMARY, exam_kind="sample_monitoring")
    view = table_view("item_attainment", lambda table: frames[table].lazy(), visibility=who, min_n=10, is_drawn=True)
    shown = view.shown(frames["item_attainment"].filter(view.rows))
    assert set(shown["level"]) == {"school", "class"}
    assert shown["attainment"].null_count() < shown.height
    assert shown["gap"].null_count() == shown["reference_attainment"].null_count() == shown.height
