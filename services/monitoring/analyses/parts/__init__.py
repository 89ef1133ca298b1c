"""The parts of an analysis. A new part is one file here and one entry in this tuple."""

from services.monitoring.analyses.parts import marks
from services.monitoring.analyses.parts.base import Part
from services.monitoring.results.catalog import TABLES

PARTS: tuple[Part, ...] = (marks.PART,)
METHODS_IN_FORCE = tuple({method for part in PARTS for frame in part.frames for method in TABLES[frame].methods})
"""Methods that the figures of some exam may cite."""
