"""Small cities made at random."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

from shared.scoring.plan import AnalysisPlan, ComparisonAttribute, Grouping, OutcomeScale, ValueAddedModel
from shared.scoring.subjects import Subject
from tests.scoring.builders import STATUSES, sheet_frame

QUICK = settings(max_examples=25, deadline=None)
WHOLE = settings(max_examples=8, deadline=None)
"""For properties that analyze a whole exam at every example."""
PLAN = AnalysisPlan(
    outcomes=(
        Subject("math", full_mark=Decimal(10), band_width=Decimal(2)),
        Subject("art", full_mark=Decimal(6), step=Decimal("0.1"), band_width=Decimal(3)),
    ),
    intakes=(Subject("entry", full_mark=Decimal(8), band_width=Decimal(2)),),
    models=(ValueAddedModel("math", ("entry",), OutcomeScale.RAW), ValueAddedModel("total", ("entry",))),
    comparisons=(ComparisonAttribute("wealth", Grouping.QUARTILE), ComparisonAttribute("entry", Grouping.QUARTILE)),
    min_n=3,
    comparison_min_schools=2,
)


def cells(subject: Subject) -> st.SearchStrategy:
    marks = st.integers(0, subject.full_units).map(lambda units: float(units * subject.step))
    return st.one_of(marks, marks, marks, st.sampled_from(STATUSES))


@st.composite
def candidates(draw: st.DrawFn, *, min_size: int = 1, max_size: int = 40) -> list[dict]:
    """Rows of a mark sheet: up to six schools in two counties."""
    count = draw(st.integers(min_size, max_size))
    rows = []
    for number in range(count):
        school = draw(st.integers(0, 5))
        rows.append(
            {
                "id": f"p{number:03d}",
                "county": f"k{school % 2}",
                "school": f"s{school}",
                "class": draw(st.sampled_from("12")),
                "wealth": draw(st.sampled_from([None, 0.1, 0.2, 0.7, 1e-9, 3.0])),
                **{subject.code: draw(cells(subject)) for subject in PLAN.marked},
            }
        )
    return rows


def frame_of(rows: list[dict]):
    """Their mark sheet."""
    return sheet_frame(rows, subjects=("math", "art", "entry"), attributes=("wealth",))
