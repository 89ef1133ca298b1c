"""The figures of an analysis, and what of them may be shown to whom."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import polars as pl

from shared.scoring.disclosure import withhold_figures, withhold_rows

_ROWS_TELL = frozenset({"cumulative", "bands", "transitions"})
_UNFLAGGED = frozenset({"standings", "value_added_models", "value_added_coefficients"})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AnalysisResult:
    """Every figure of an analysis: tidy frames, sorted by key, typed as in :mod:`shared.scoring.schemas`."""

    summary: pl.DataFrame
    cumulative: pl.DataFrame
    bands: pl.DataFrame
    standings: pl.DataFrame
    value_added_models: pl.DataFrame
    value_added_coefficients: pl.DataFrame
    value_added_schools: pl.DataFrame
    companions: pl.DataFrame
    transitions: pl.DataFrame
    comparison: pl.DataFrame
    funnel: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def shown_to(self, own_school: str | None) -> AnalysisResult:
        """The result with small groups withheld (SCORING §9).

        Args:
            own_school: the caller's school, whose own groups stay whole; ``None`` for callers above schools.

        Returns:
            The same frames; ``standings`` are left alone, for who may see a named candidate is no matter of counts.
        """
        shown = {}
        for name, frame in self.frames().items():
            if name not in _UNFLAGGED:
                withhold = withhold_rows if name in _ROWS_TELL else withhold_figures
                shown[name] = withhold(frame, own_school=own_school)
        return replace(self, **shown)
