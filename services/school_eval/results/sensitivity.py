"""How stable the grades of a version are. Blocks: use a thread."""

from __future__ import annotations

from typing import Any

import polars as pl

from services.school_eval.results.views import UNIT, View
from shared.scoring.scheme.sensitivity import STABLE, Cause, SensitivitySettings, sensitivity


def sensitivity_of(view: View, *, weight_change: float, draws: int, seed: int) -> dict[str, Any]:
    """Grades under other weights and sampling error.

    Returns:
        ``summary``: a row per cause; ``unstable``: the reader's schools that keep their grade in fewer than 95 % of the
        draws, the least stable first.
    """
    store, inputs = view.store, view.result.inputs
    settings = SensitivitySettings(weight_change=weight_change, draws=draws, seed=seed)
    errors = store.get(inputs["errors"]) if inputs["errors"] else None
    found = sensitivity(
        view.scheme, store.get(inputs["units"]), store.get(inputs["values"]), errors=errors, settings=settings
    )
    cause = Cause.BOTH if errors is not None and found.summary.height > 1 else Cause.WEIGHTS
    own = found.draws.filter((pl.col("cause") == cause) & pl.col(UNIT).is_in(list(view.names)))
    unstable = own.filter(pl.col("same_grade_rate") < STABLE).sort("same_grade_rate", UNIT)
    shown = unstable if view.sees_ranks else unstable.drop("rank_low", "rank_high")
    return {"summary": found.summary.to_dicts(), "unstable": shown.rename({UNIT: "school_code"}).to_dicts()}
