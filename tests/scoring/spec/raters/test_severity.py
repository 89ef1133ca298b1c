"""Severity of raters (docs/scoring.md §10b)."""

import numpy as np
import polars as pl
import pytest

from shared.scoring.raters.severity import adjusted_scores, rater_severity


def ratings(*rows):
    return pl.DataFrame(rows, schema=["visit", "rater", "item", "share", "weight"], orient="row")


def one_item(*rows):
    return ratings(*((visit, rater, "x", share, 1.0) for visit, rater, share in rows))


def crossed(levels, severities, noise=0.0, seed=0):
    random = np.random.default_rng(seed)
    return one_item(
        *(
            (f"v{v:02d}", f"r{r}", level - severity + noise * random.normal())
            for v, level in enumerate(levels)
            for r, severity in enumerate(severities)
        )
    )


def test_a_rater_who_rates_the_same_visits_lower_is_severe():
    found = rater_severity(crossed([0.4, 0.6, 0.5, 0.7], [0.1, 0, -0.1], noise=1e-4)).raters
    assert found["severity"].to_list() == pytest.approx([0.1, 0, -0.1], abs=1e-3)
    assert found["shared_visits"].to_list() == [4, 4, 4]
    assert found["connected_set"].to_list() == [1, 1, 1]


def test_who_was_sent_to_weaker_schools_is_not_thereby_severe():
    rows = one_item(
        *((f"v{n}", rater, 0.8) for n in range(4) for rater in ("a", "b")),
        *((f"w{n}", "a", 0.2) for n in range(6)),
        *((f"x{n}", "b", 0.9) for n in range(6)),
    )
    found = rater_severity(rows)
    assert found.raters["mean_score"].to_list() == pytest.approx([(4 * 0.8 + 6 * 0.2) / 10, (4 * 0.8 + 6 * 0.9) / 10])
    assert found.raters["severity"].to_list() == pytest.approx([0, 0], abs=1e-6)


def test_differences_within_chance_are_shrunken_to_nothing():
    # The second rater is now above and now below the first, alike.
    rows = [(f"v{n}", rater, 0.5 + sign * (rater == "b")) for n, sign in enumerate([0.1, -0.1] * 4) for rater in "ab"]
    found = rater_severity(one_item(*rows))
    assert (found.rater_variance, found.raters["severity"].to_list()) == (0, [0, 0])
    assert found.reliability == 1


def test_items_differ_without_making_raters_severe():
    # b rated the hard item alone of visit w: that says nothing about b.
    rows = [
        (visit, rater, item, share, 1.0)
        for visit in ("v", "u", "t")
        for rater in "ab"
        for item, share in (("easy", 0.9), ("hard", 0.3))
    ]
    rows += [("w", "a", "easy", 0.9, 1.0), ("w", "b", "hard", 0.3, 1.0)]
    found = rater_severity(ratings(*rows))
    assert found.cells.filter(visit="w")["score"].to_list() == [0.9, 0.3]
    assert found.cells.filter(visit="w")["level"].to_list() == pytest.approx([0.6, 0.6])
    assert found.raters["severity"].to_list() == pytest.approx([0, 0], abs=1e-6)


def test_weights_make_the_score():
    found = rater_severity(ratings(("v", "a", "x", 1.0, 3.0), ("v", "a", "y", 0.0, 1.0)))
    assert found.cells["score"].to_list() == [3 / (3 + 1)]


def test_raters_without_common_visits_are_told_apart():
    rows = crossed([0.5] * 4, [0.1, -0.1], noise=0.01, seed=1)
    others = crossed([0.9] * 4, [0.05, -0.05], noise=0.01, seed=2)
    others = others.with_columns(pl.col("visit", "rater") + "s")
    alone = one_item(("z1", "lonely", 0.1), ("z2", "lonely", 0.2))
    found = rater_severity(pl.concat([rows, others, alone]))
    table = found.raters
    assert found.connected_sets == 3
    assert table["set_raters"].to_list() == [1, 2, 2, 2, 2]
    assert table.filter(rater="lonely").select("severity", "se", "mean_square").row(0) == (None, None, None)
    for number in table.filter(pl.col("set_raters") > 1)["connected_set"].unique():
        assert table.filter(connected_set=number)["severity"].sum() == pytest.approx(0, abs=1e-12)


def test_nothing_is_estimated_from_too_little():
    one_shared = rater_severity(one_item(("v", "a", 0.5), ("v", "b", 0.7)))
    assert (one_shared.rater_variance, one_shared.residual_df) == (None, 0)
    assert one_shared.raters["severity"].to_list() == [None, None]
    none = rater_severity(
        ratings().cast(
            {"visit": pl.String, "rater": pl.String, "item": pl.String, "share": pl.Float64, "weight": pl.Float64}
        )
    )
    assert none.raters.is_empty()
    assert none.connected_sets == 0


def test_scores_are_adjusted_only_by_severities_that_rest_on_enough():
    model = rater_severity(
        pl.concat(
            [crossed([0.4, 0.6, 0.5, 0.7], [0.1, -0.1], noise=0.01), one_item(("y", "r0", 0.3), ("z", "r9", 0.3))]
        )
    )
    severity = model.raters.filter(rater="r0")["severity"][0]
    adjusted = {
        row["visit"]: row for row in adjusted_scores(model, least_visits=4, least_shared_visits=4).iter_rows(named=True)
    }
    assert adjusted["y"]["adjusted"] == pytest.approx(0.3 + severity)
    assert (adjusted["z"]["adjusted"], adjusted["z"]["raw"]) == (None, 0.3)
    # Both raters of a shared visit: what one takes away the other gives back.
    assert adjusted["v00"]["adjusted"] == pytest.approx(adjusted["v00"]["raw"])
    strict = adjusted_scores(model, least_visits=6, least_shared_visits=4)
    assert strict["adjusted"].null_count() == strict.height


def test_an_erratic_rater_is_seen_by_the_mean_square():
    random = np.random.default_rng(3)
    rows = [
        (f"v{v:02d}", f"r{r}", 0.5 + (0.2 if r == 2 else 0.02) * random.normal()) for v in range(40) for r in range(3)
    ]
    squares = rater_severity(one_item(*rows)).raters["mean_square"]
    assert squares[2] > 1.5 > squares[0]


def test_the_order_of_rows_never_matters_and_a_rating_stands_once():
    rows = crossed([0.4, 0.6, 0.5, 0.7], [0.1, 0, -0.1], noise=0.05)
    again = rater_severity(rows.sample(fraction=1, shuffle=True, seed=1))
    assert rater_severity(rows).raters.equals(again.raters)
    with pytest.raises(ValueError, match="twice"):
        rater_severity(pl.concat([rows, rows]))
    with pytest.raises(ValueError, match="lack"):
        rater_severity(rows.drop("weight"))
