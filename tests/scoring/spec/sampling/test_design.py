"""Designs of samples (docs/scoring.md §8b.1)."""

import pytest

from shared.scoring.sampling.design import Allocation, PupilSelection, SampleDesign, SchoolSelection
from shared.terms.errors import DomainError


def test_a_design_survives_json():
    design = SampleDesign(
        40,
        pupil_selection=PupilSelection.CLASSES,
        take=2,
        allocation=Allocation.NEYMAN,
        min_schools=3,
        selection=SchoolSelection.BREWER,
        sort_by=("town", "type"),
        replacements=1,
    )
    assert SampleDesign.from_json(design.to_json()) == design


def test_every_contradiction_is_named_at_once():
    with pytest.raises(DomainError) as refused:
        SampleDesign(0, take=0, replacements=3, sort_by=("town", "town"))
    assert refused.value.code == "scoring.sample_design_invalid"
    assert [fault.column for fault in refused.value.faults] == ["schools", "take", "replacements", "sort_by"]


def test_the_size_cannot_be_a_sort_column():
    with pytest.raises(DomainError):
        SampleDesign(2, sort_by=("size",))
