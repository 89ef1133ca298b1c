"""Frames and rosters (docs/scoring.md §8b.1)."""

import hashlib

import polars as pl
import pytest

from shared.scoring.sampling.design import SampleDesign
from shared.scoring.sampling.frames import canonical_frame, canonical_roster, frame_hash
from shared.terms.errors import DomainError
from tests.scoring.sampling_builders import roster, schools

DESIGN = SampleDesign(2, sort_by=("town",))


def faults_of(action):
    with pytest.raises(DomainError) as refused:
        action()
    return refused.value.code, [(fault.code.split(".")[1], fault.column) for fault in refused.value.faults]


def test_the_fingerprint_can_be_computed_by_hand():
    frame = canonical_frame(schools(30, 20, town=["北", "n"]).reverse().with_columns(other=pl.lit(1)), DESIGN)
    text = (
        '{"school_code":"a00","stratum":"a","size":30,"town":"北"}\n'
        '{"school_code":"a01","stratum":"a","size":20,"town":"n"}\n'
    )
    assert frame_hash(frame) == hashlib.sha256(text.encode()).hexdigest()


def test_missing_columns_types_values_and_doubles_are_refused():
    whole = schools(3, 4, town=["x", "y"])
    invalid = "scoring.sample_frame_invalid"
    assert faults_of(lambda: canonical_frame(whole.drop("size", "town"), DESIGN)) == (
        invalid,
        [("column_missing", "size"), ("column_missing", "town")],
    )
    wrong = whole.with_columns(pl.col("size").cast(pl.String), town=pl.lit(0.5))
    assert faults_of(lambda: canonical_frame(wrong, DESIGN)) == (
        invalid,
        [("sample_column_type", "size"), ("sample_column_type", "town")],
    )
    twice = whole.with_columns(school_code=pl.lit("s"), town=pl.lit(None, pl.String))
    assert faults_of(lambda: canonical_frame(twice, DESIGN)) == (
        invalid,
        [("sample_value_missing", "town"), ("sample_key_twice", "school_code")],
    )


def test_a_school_without_pupils_is_refused():
    assert faults_of(lambda: canonical_frame(schools(3, 0, town=["x", "y"]), DESIGN))[1] == [("sample_size", "size")]


def test_an_empty_list_is_refused():
    assert faults_of(lambda: canonical_frame(schools(town=[]), DESIGN))[0] == "scoring.sample_frame_empty"


def test_a_pupil_stands_once_in_a_roster():
    pupils = roster(s={"1": 1})
    assert faults_of(lambda: canonical_roster(pl.concat([pupils, pupils])))[1] == [("sample_key_twice", "student_id")]
    assert canonical_roster(roster(t={"1": 1}, s={"2": 2}))["school_code"].to_list() == ["s", "s", "t"]
