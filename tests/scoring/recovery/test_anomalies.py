"""Detectors find what was planted, and nothing where nothing was (docs/scoring.md §7b)."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from shared.scoring.anomalies.bad_keys import bad_keys
from shared.scoring.anomalies.copied_answers import copied_answers, identical_pairs, wrong_answers
from shared.scoring.anomalies.mark_inflation import line_heaping, subject_outliers
from shared.scoring.items.frame import check_item_sheet
from shared.scoring.items.options import option_flags
from shared.scoring.items.summary import gather_items
from shared.scoring.levels import index_groups
from shared.scoring.summaries.mark_histogram import gather_histogram
from tests.scoring.recovery.conftest import fits, seen


def flagged_items(seed, *, with_anomalies):
    shown = seen(seed, with_anomalies=with_anomalies)
    found = bad_keys(option_flags(gather_items(check_item_sheet(shown.items, shown.item_plan))))
    return found.filter("is_flagged")


def flagged_classes(seed, *, with_anomalies):
    shown = seen(seed, with_anomalies=with_anomalies)
    return copied_answers(wrong_answers(shown.items, shown.sound_keys)).filter("is_flagged")


def heaped_schools(seed, code, *, with_anomalies):
    shown = seen(seed, with_anomalies=with_anomalies)
    subject = next(subject for subject in shown.city.settings.subjects if subject.code == code)
    keys = shown.marks.select("county_code", "school_code", pl.lit(None, pl.String).alias("class_code"))
    counted = gather_histogram(*index_groups(keys), shown.marks[code].fill_null(-1), subject=subject)
    line, width = subject.units_reaching(Decimal("0.6")), subject.units_reaching(Decimal("0.05"))
    return line_heaping(counted, line=line, width=width).filter("is_flagged")["school_code"].to_list()


def test_the_bad_key_is_found_and_the_right_option_named(seed):
    planted = seen(seed, with_anomalies=True).planted["bad_key"]
    found = flagged_items(seed, with_anomalies=True)
    assert found.select("item", "key", "best_option").rows() == [
        (planted["item"], planted["key"], planted["right_option"])
    ]
    assert found["key_rest_correlation"][0] < 0 < found["best_rest_correlation"][0]
    assert found["outdraws_key_at_top"][0]


def test_the_class_that_copied_is_found_and_its_pupils_named(seed):
    shown = seen(seed, with_anomalies=True)
    planted = shown.planted["copied_answers"]
    found = flagged_classes(seed, with_anomalies=True)
    assert found.select("school_code", "class_code").rows() == [(planted["school_code"], planted["class_code"])]
    counts = wrong_answers(shown.items, shown.sound_keys)
    top = identical_pairs(shown.items, shown.sound_keys, counts=counts, flagged=found).head(20)
    ring = [planted["source"], *planted["copiers"]]
    inside = top.select(pl.col("candidate_id").is_in(ring) & pl.col("other_candidate_id").is_in(ring)).to_series()
    # By chance 30 % of pairs would lie inside the ring; a source with few wrong answers leaves little to tell them by.
    assert inside.mean() >= 0.65


def test_the_school_that_lifted_marks_to_the_pass_line_is_found(seed):
    planted = seen(seed, with_anomalies=True).planted["pass_line_heaping"]
    assert heaped_schools(seed, "chinese", with_anomalies=True) == [planted["school_code"]]
    assert heaped_schools(seed, "english", with_anomalies=True) == []


def test_the_school_that_inflated_one_subject_is_found_and_labeled(seed):
    planted = seen(seed, with_anomalies=True).planted["mark_inflation"]
    modeled = fits(seed, with_anomalies=True)
    found = subject_outliers(modeled.schools, modeled.models).filter("is_flagged")
    subject = found["model"].str.split("~").list.first()
    assert list(zip(found["school_code"], subject, strict=True)) == [(planted["school_code"], planted["subject"])]
    label = modeled.schools.filter(
        pl.col("school_code") == planted["school_code"], pl.col("model").str.starts_with("math~")
    )
    assert label["label"].to_list() == ["well_above"]


def test_an_honest_city_raises_no_alarm(seed):
    modeled = fits(seed, with_anomalies=False)
    assert flagged_items(seed, with_anomalies=False).is_empty()
    assert flagged_classes(seed, with_anomalies=False).is_empty()
    assert heaped_schools(seed, "chinese", with_anomalies=False) == []
    assert subject_outliers(modeled.schools, modeled.models).filter("is_flagged").is_empty()
