"""The items of a paper as a part of the analysis: what is found, and what a run takes over."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import polars as pl
import pytest

from services.monitoring.analyses.parts.base import Source
from services.monitoring.analyses.parts.items import PART
from services.monitoring.item_sheets.checks import stored_columns
from services.monitoring.papers.rules import with_key
from shared.kernel.store.columnar import ColumnarStore

CLASSES, PUPILS = 30, 40
WRONG_KEY, COPIED = "4", ("2199000002", "c3")


def paper(*, derived: bool = False) -> dict[str, Any]:
    """Twelve choices; the key of one is wrong."""
    items = [
        {
            "code": str(number),
            "kind": "choice",
            "full_mark": "2",
            "step": "1",
            "options": list("ABCD"),
            "key": "C" if str(number) == WRONG_KEY else "B",
            "partial_credit": "none",
            "partial_mark": None,
            "knowledge_points": [f"k{number % 3}"],
            "competencies": [],
        }
        for number in range(1, 13)
    ]
    return {"marks_from_options": derived, "items": items}


def sheets() -> list[pl.DataFrame]:
    """Three schools of ten classes; the pupils of one class all give the same wrong answer."""
    chance = np.random.default_rng(5)
    frames = []
    for school in range(1, 4):
        n = CLASSES // 3 * PUPILS
        ability = chance.normal(size=n)
        classes = [f"c{row // PUPILS}" for row in range(n)]
        columns: dict[str, Any] = {
            "candidate_id": [f"{school}{row:04d}" for row in range(n)],
            "class_code": classes,
            "school_code": [f"219900000{school}"] * n,
            "county_code": [f"99000{1 + school % 2}"] * n,
            "status": pl.Series(np.where(np.arange(n) == 7, -1, 0), dtype=pl.Int8),
        }
        for number in range(1, 13):
            right = chance.random(n) < 1 / (1 + np.exp(-1.5 * ability))
            chosen = np.where(right, 1, chance.choice([0, 2, 3, 4], n))
            copied = np.array([(columns["school_code"][0], name) == COPIED for name in classes])
            chosen = np.where(copied & ~right, 3, chosen)
            here = columns["status"].to_numpy() == 0
            columns[str(number)] = pl.Series(np.where(here, np.where(right, 2, 0), -1), dtype=pl.Int16)
            columns[f"{number}__option"] = pl.Series(np.where(here, chosen, -1), dtype=pl.Int8)
        frames.append(pl.DataFrame(columns))
    return frames


def inputs(store: ColumnarStore, content: dict[str, Any]) -> dict[str, Any]:
    entries = []
    for frame in sheets():
        stored = store.put(frame.select(stored_columns(content)))
        entries.append({"school_code": frame["school_code"][0], "sha256": stored.sha256, "rows": stored.rows})
    papers = [{"subject": "maths", "content": content, "sheets": entries}]
    return {"definition": {"min_n": 10}, "papers": papers}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ColumnarStore:
    return ColumnarStore(str(tmp_path_factory.mktemp("store")))


def frames_of(store: ColumnarStore, content: dict[str, Any]) -> dict[str, pl.DataFrame]:
    given = inputs(store, content)
    (task,) = PART.tasks(given)
    return dict(task.compute(Source(store, given)))


def test_an_exam_without_item_sheets_has_no_task() -> None:
    assert list(PART.tasks({"definition": {"min_n": 10}})) == []


def test_what_should_be_looked_into_is_found_and_nothing_else(store: ColumnarStore) -> None:
    frames = frames_of(store, paper())
    assert set(frames) == set(PART.frames)
    found = frames["item_anomalies"].select("kind", "level", "item", "best_option", "school_code", "class_code").rows()
    assert found == [
        ("bad_key", "city", WRONG_KEY, "B", None, None),
        ("copied_answers", "class", None, None, *COPIED),
    ]
    pairs = frames["identical_answers"]
    assert set(pairs.select("school_code", "class_code").unique().rows()) == {COPIED}
    assert (pairs["candidate_id"] < pairs["other_candidate_id"]).all()
    assert (pairs["identical_wrong"] == pairs["both_wrong"]).all()


def test_attainment_is_given_by_aspect_at_every_level(store: ColumnarStore) -> None:
    table = frames_of(store, paper())["item_attainment"]
    counts = dict(table.group_by("level").len().iter_rows())
    aspects = 12 + 3 + 1
    assert counts == {"city": aspects, "county": 2 * aspects, "school": 3 * aspects, "class": CLASSES * aspects}
    assert table.equals(table.sort("level", "county_code", "school_code", "class_code", "position"))


def test_marks_that_follow_from_options_give_the_same_figures_and_a_corrected_key_others(store: ColumnarStore) -> None:
    right = with_key(paper(), WRONG_KEY, "B")
    sent, derived = frames_of(store, right), frames_of(store, right | {"marks_from_options": True})
    assert all(sent[name].equals(derived[name]) for name in PART.frames)
    wrong = frames_of(store, paper(derived=True))
    measure = (pl.col("measure") == "item_difficulty") & (pl.col("item") == WRONG_KEY)
    difficulty = [frames["item_measures"].filter(measure)["value"].item() for frames in (derived, wrong)]
    assert difficulty[0] > difficulty[1]
    others = (pl.col("measure") == "item_difficulty") & (pl.col("item") != WRONG_KEY)
    assert derived["item_measures"].filter(others).equals(wrong["item_measures"].filter(others))


def test_a_task_needs_paper_and_sheets_and_nothing_else(store: ColumnarStore) -> None:
    given = inputs(store, paper())
    (task,) = PART.tasks(given)
    renamed = copy.deepcopy(given) | {"sheets": ["others"]}
    assert next(iter(PART.tasks(renamed))).needs == task.needs
    corrected = copy.deepcopy(given)
    corrected["papers"][0]["content"] = with_key(paper(), WRONG_KEY, "B")
    assert next(iter(PART.tasks(corrected))).needs != task.needs
