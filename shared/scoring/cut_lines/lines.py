"""Lines of a track: given as a mark, or derived from a headcount (SCORING §5.1).

Observation only: a headcount describes where a known number of places ends. It is no target for schools to fulfil; no
figure here may be scored, rewarded or handed down as a quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

import numpy as np

from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """A line on the total of one track.

    Args:
        code: name of the layer, e.g. ``special_control`` or ``undergraduate``; once per track.
        track: the track it belongs to; a line of one track is never used for another.
        mark: the line, or ``None`` where it follows from a headcount. It need not lie on the grid.
        headcount: how many candidates of the track the line lets in at least.
    """

    code: str
    track: str
    mark: Decimal | None = None
    headcount: int | None = None


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line in force.

    Args:
        line: as asked for.
        total: grid of the total.
        units: smallest number of grid units that reaches it.
        mark: the line as a mark: the given one, or the one found.
        reached: candidates of the whole track who reach it.
    """

    line: CutLine
    total: Subject
    units: int
    mark: Fraction
    reached: int


def draw_lines(lines: Sequence[CutLine], total: MarkHistogram, *, track: str) -> tuple[DrawnLine, ...]:
    """Puts the lines of one track in force.

    A given mark counts from the first grid mark at or above it, compared exactly. From a headcount N the line is the
    highest mark that at least N candidates reach; ties at the line are all in, so more than N may reach it.

    Args:
        lines: lines of any tracks; those of other tracks are left alone.
        total: the track's merged histogram of the total, any level.
        track: the track.

    Returns:
        The track's lines, highest first; none where the track has none: no other line steps in.

    Raises:
        DomainError: ``scoring.lines_invalid`` with every fault: a layer twice in the track, mark and headcount both or
            neither, a mark outside 0 to the full mark, a headcount below 1 or above the number with a total.
    """
    own = [line for line in lines if line.track == track]
    view = MarkView(total.at_level(OrgLevel.CITY))
    n = int(view.sat_count.sum())
    codes = [line.code for line in own]
    faults = [Fault("scoring.plan_duplicate", value=code) for code in sorted({c for c in codes if codes.count(c) > 1})]
    faults += [fault for line in own if (fault := _fault(line, total.subject, n)) is not None]
    if faults:
        raise DomainError("scoring.lines_invalid", faults=faults)
    drawn = [_drawn(line, view) for line in own]
    return tuple(sorted(drawn, key=lambda found: (-found.mark, found.line.code)))


def highest_reached(units: Integers, count: Integers, headcount: int) -> int:
    """Highest mark (units, ascending and distinct) that at least ``headcount`` candidates reach; one exists."""
    reach = np.cumsum(count[::-1])[::-1]
    return int(units[np.flatnonzero(reach >= headcount)[-1]])


def _fault(line: CutLine, total: Subject, n: int) -> Fault | None:
    if (line.mark is None) == (line.headcount is None):
        return Fault("scoring.line_definition", value=line.code)
    if line.mark is not None and not (line.mark.is_finite() and 0 <= line.mark <= total.full_mark):
        return Fault("scoring.line_out_of_range", value=f"{line.code} {line.mark}", allowed=f"0-{total.full_mark}")
    if line.headcount is not None and not 1 <= line.headcount <= n:
        return Fault("scoring.line_headcount", value=f"{line.code} {line.headcount}", allowed=f"1-{n}")
    return None


def _drawn(line: CutLine, view: MarkView) -> DrawnLine:
    subject = view.subject
    if line.mark is not None:
        mark = Fraction(line.mark)
        units = ceil(mark / subject.unit)
    else:
        units = highest_reached(view.cell_unit, view.cell_count, line.headcount or 0)
        mark = units * subject.unit
    return DrawnLine(line, subject, units, mark, int(view.count_reaching(units).sum()))
