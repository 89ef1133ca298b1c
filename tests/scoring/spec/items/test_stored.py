"""The short way from a stored item sheet gives the bytes of the analysis (docs/scoring.md §0.7)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from shared.scoring.items.analysis import analyze_items
from shared.scoring.items.frame import check_item_sheet
from shared.scoring.items.stored import analyze_stored_items, gather_stored_items
from shared.scoring.items.summary import gather_items
from shared.terms.errors import DomainError
from tests.scoring.item_builders import item_frame, paper, tagged

PLAN = tagged(paper(1, 2, 4), q1={"options": ("A", "B"), "key": "A"}, q3={"knowledge_points": ("sets",)})


def sheet(n=120):
    random = np.random.default_rng(9)
    rows = ["absent" if n % 11 == 5 else tuple(random.integers(0, top + 1) / 2 for top in (2, 4, 8)) for n in range(n)]
    places = [(f"k{n % 2}", f"s{n % 6}", str(n % 5)) for n in range(n)]
    options = [None if isinstance(row, str) or n % 7 == 3 else "AB"[n % 2] for n, row in enumerate(rows)]
    return item_frame(rows, PLAN, places=places, options={"q1": options})


@pytest.mark.parametrize("kind", [pl.Int8, pl.Int16, pl.Int32])
def test_a_stored_sheet_is_finished_without_another_check(tmp_path, kind):
    frame = sheet()
    checked = check_item_sheet(frame, PLAN)
    narrow = dict.fromkeys([*PLAN.codes, "q1__option"], kind) | {"total": pl.Int16}
    checked.frame.cast(narrow).write_parquet(tmp_path / "items.parquet")
    stored = pl.scan_parquet(tmp_path / "items.parquet")
    assert gather_stored_items(stored, PLAN) == gather_items(checked)
    found, whole = analyze_stored_items(stored, PLAN).frames(), analyze_items([frame], PLAN).frames()
    assert all(table.equals(found[name]) for name, table in whole.items())


def test_a_sheet_without_rows_is_refused():
    empty = check_item_sheet(sheet(), PLAN).frame.clear()
    with pytest.raises(DomainError, match=r"scoring\.no_candidates"):
        analyze_stored_items(empty.lazy(), PLAN)
