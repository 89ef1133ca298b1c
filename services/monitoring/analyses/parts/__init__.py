"""The parts of an analysis. A new part is one file here and one entry in this tuple."""

from services.monitoring.analyses.parts import (
    balance,
    class_effects,
    comparison,
    growth,
    items,
    lines,
    marks,
    progress,
    sampling,
    tracks,
    undergraduate,
    value_added,
)
from services.monitoring.analyses.parts.base import Part
from services.monitoring.results.catalog import TABLES
from shared.scoring.methods import SUPPRESSION

#: In this order: a task may read the frames of those before it. Long tasks come first, for tasks run side by side: one reads
#: items while another reads the marks.
PARTS: tuple[Part, ...] = (
    items.PART,
    value_added.PART,
    growth.PART,
    class_effects.PART,
    marks.PART,
    sampling.PART,
    balance.PART,
    progress.PART,
    tracks.PART,
    lines.PART,
    undergraduate.PART,
    comparison.PART,
)
METHODS_IN_FORCE = (
    SUPPRESSION,
    *{method for part in PARTS for frame in part.frames for method in TABLES[frame].methods},
)
"""Methods that the figures of some exam may cite."""
