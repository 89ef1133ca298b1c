"""What is withheld, and what beside it (docs/scoring.md §9)."""

import polars as pl

from shared.scoring.disclosure import mark_suppressed, withhold_figures, withhold_rows


def groups(*rows):
    """Groups from (county, school, class, n_sat[, n_registered])."""
    levels = {0: "city", 1: "county", 2: "school", 3: "class"}
    return pl.DataFrame(
        [
            {
                "level": levels[sum(code is not None for code in row[:3])],
                "county_code": row[0],
                "school_code": row[1],
                "class_code": row[2],
                "subject": "math",
                "n_sat": row[3],
                "n_registered": row[4] if len(row) > 4 else row[3],
            }
            for row in rows
        ],
        schema_overrides={"county_code": pl.String, "school_code": pl.String, "class_code": pl.String},
    )


def reasons(*rows, min_n=10):
    return mark_suppressed(groups(*rows), min_n=min_n, by=["subject"])["suppression"].to_list()


def test_groups_of_min_n_are_shown():
    assert reasons((None, None, None, 30), ("a", None, None, 10), ("b", None, None, 20)) == [None, None, None]


def test_a_small_group_takes_the_smallest_other_with_it():
    found = reasons((None, None, None, 69), ("a", None, None, 9), ("b", None, None, 40), ("c", None, None, 20))
    assert found == [None, "primary", None, "complementary"]


def test_two_small_groups_need_no_third_when_together_they_are_enough():
    found = reasons((None, None, None, 52), ("a", None, None, 4), ("b", None, None, 8), ("c", None, None, 40))
    assert found == [None, "primary", "primary", None]


def test_two_small_groups_that_are_together_too_few_take_a_third():
    found = reasons((None, None, None, 46), ("a", None, None, 2), ("b", None, None, 4), ("c", None, None, 40))
    assert found == [None, "primary", "primary", "complementary"]


def test_equal_sizes_are_settled_by_code():
    found = reasons((None, None, None, 65), ("c", None, None, 30), ("b", None, None, 30), ("a", None, None, 5))
    assert found == [None, None, "complementary", "primary"]


def test_what_lies_below_a_withheld_group_is_withheld_too():
    found = reasons(
        (None, None, None, 55),
        ("a", None, None, 5),
        ("b", None, None, 50),
        ("a", "s1", None, 5),
        ("b", "s2", None, 25),
        ("b", "s3", None, 25),
    )
    assert found == [None, "primary", "complementary", "primary", "inherited", "inherited"]


def test_a_small_whole_hides_everything():
    assert reasons((None, None, None, 8), ("a", None, None, 8)) == ["primary", "primary"]


def test_a_group_nobody_of_which_sat_is_small_but_one_without_candidates_is_not():
    found = reasons(
        (None, None, None, 60, 65), ("a", None, None, 0, 5), ("b", None, None, 0, 0), ("c", None, None, 60, 60)
    )
    assert found == [None, "primary", None, "complementary"]


def test_a_missing_level_leaves_its_groups_to_the_next_above():
    found = reasons((None, None, None, 55), ("a", "s1", None, 5), ("b", "s2", None, 30), ("b", "s3", None, 20))
    assert found == [None, "primary", None, "complementary"]


def test_subjects_are_tables_of_their_own():
    frame = pl.concat(
        [
            groups(("a", None, None, 5), ("b", None, None, 30)),
            groups(("a", None, None, 15), ("b", None, None, 30)).with_columns(pl.lit("art").alias("subject")),
        ]
    )
    found = mark_suppressed(frame, min_n=10, by=["subject"])
    assert found["suppressed"].to_list() == [True, True, False, False]


def test_an_empty_table_stays_empty():
    assert mark_suppressed(groups(("a", None, None, 5)).clear(), min_n=10, by=["subject"]).columns[-2:] == [
        "suppressed",
        "suppression",
    ]


def test_withheld_figures_are_emptied_and_the_row_remains():
    frame = pl.DataFrame(
        {"school_code": ["s1", "s2"], "subject": ["math", "math"], "mean": [7.0, 8.0], "suppressed": [True, False]}
    )
    assert withhold_figures(frame).rows() == [("s1", "math", None, True), ("s2", "math", 8.0, False)]
    assert withhold_figures(frame, own_school="s1").rows() == frame.rows()
    assert withhold_figures(frame, own_school="s2").rows() == withhold_figures(frame).rows()


def test_withheld_rows_are_dropped():
    frame = pl.DataFrame({"school_code": ["s1", None], "mark": [7.0, 8.0], "suppressed": [True, True]})
    assert withhold_rows(frame).is_empty()
    assert withhold_rows(frame, own_school="s1").rows() == [("s1", 7.0, True)]
