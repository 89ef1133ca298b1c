"""The parts of an analysis. A new part is one file here and one entry in this tuple."""

from services.monitoring.analyses.parts import (
    balance,
    growth,
    items,
    lines,
    marks,
    progress,
    sampling,
    tracks,
    undergraduate,
)
from services.monitoring.analyses.parts.base import Part
from services.monitoring.results.catalog import TABLES
from shared.scoring.methods import SUPPRESSION

#: In this order: a task may read the frames of those before it.
PARTS: tuple[Part, ...] = (
    marks.PART,
    sampling.PART,
    growth.PART,
    balance.PART,
    progress.PART,
    tracks.PART,
    lines.PART,
    undergraduate.PART,
    items.PART,
)
METHODS_IN_FORCE = (
    SUPPRESSION,
    *{method for part in PARTS for frame in part.frames for method in TABLES[frame].methods},
)
"""Methods that the figures of some exam may cite."""
