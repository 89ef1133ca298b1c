"""A track made from rows, for the tests of cut lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from shared.scoring.conversion.tracks import TrackSheet, track_histograms, whole_track
from shared.scoring.cut_lines.lines import CutLine, DrawnLine, draw_lines
from shared.scoring.cut_lines.summary import TrackSummary, gather_track
from shared.scoring.plan import AnalysisPlan
from shared.scoring.subjects import Subject
from tests.scoring.builders import Cell, sheet

PLAN = AnalysisPlan(
    outcomes=(Subject("math", full_mark=Decimal(10)), Subject("art", full_mark=Decimal(10), step=Decimal(1)))
)


def track_of(rows: Sequence[Mapping[str, Cell]]) -> TrackSheet:
    """One track with two subjects of ten marks."""
    return whole_track(sheet(rows, PLAN), PLAN, track="physics")


def pairs(*marks: tuple[Cell, Cell], **keys: str) -> list[dict[str, Cell]]:
    """Rows with mathematics and art."""
    return [{"math": math, "art": art, **keys} for math, art in marks]


def line(mark: str | None = None, *, code: str = "undergraduate", headcount: int | None = None) -> CutLine:
    """A line of the physics track."""
    return CutLine(code=code, track="physics", mark=None if mark is None else Decimal(mark), headcount=headcount)


def drawn(rows: Sequence[Mapping[str, Cell]], *lines: CutLine) -> tuple[TrackSummary, tuple[DrawnLine, ...]]:
    """The summary of a track and its lines in force."""
    summary = gather_track(track_of(rows))
    return summary, draw_lines(lines, summary.total, track="physics")


def histograms_of(rows: Sequence[Mapping[str, Cell]]):
    """Histograms of the track by class."""
    return track_histograms(track_of(rows))
