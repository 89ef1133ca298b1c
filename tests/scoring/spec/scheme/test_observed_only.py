"""What the city only observes is shown with its share and brings no points (docs/schemes.md)."""

import datetime as dt

import polars as pl

from shared.scoring.scheme.evaluation import evaluate
from tests.scoring.scheme_texts import document, spoiled


def test_it_is_shown_and_never_scored() -> None:
    text = spoiled(
        ("of: school", "of: city"),
        ("group_by: [stage]\n", ""),
        ("zh: 安全责任事故, en: Grave accident", "zh: 本科上线率, en: Undergraduate rate"),
        ("{kind: veto, when: yes, caps_at: C}", "{kind: linear, min: 0, max: 1}\n        observed_only: true"),
    )
    scheme = document(text).as_of(dt.date(2026, 9, 1))
    units = pl.DataFrame({"unit_code": ["5205"]})
    totals = []
    for rate in (0.2, 0.9, None):
        values = units.with_columns(B1=pl.lit("A"), B2=pl.lit(20.0), V1=pl.lit(rate, pl.Float64))
        found = evaluate(scheme, units, values)
        row = found.scores.row(by_predicate=pl.col("node") == "V1", named=True)
        assert row["value"] == rate
        assert not row["printed_points"]
        totals.append(found.totals["printed_total"].item())
    assert totals == [60 + 40 * 0.5] * 3
