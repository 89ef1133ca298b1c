"""Composition check: do effects follow whom a school takes in? (SCORING §8.8).

Value added is meant to leave intake behind. If effects still correlate with mean intake or with poverty, the model leaves
something out (ceiling, measurement error of the intake, a compositional effect), and no ranking should rest on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from shared.scoring.summaries.growth_cells import SCHOOL_KEYS
from shared.scoring.value_added.correlation import pearson
from shared.scoring.value_added.value_checks import require_finite

FLAGGED_ABOVE = 0.3


def composition_check(
    measure: pl.DataFrame, attributes: pl.DataFrame, columns: Sequence[str], *, limit: float = FLAGGED_ABOVE
) -> pl.DataFrame:
    """Pearson correlation of a measure with attributes of schools, each school counting once.

    Args:
        measure: ``measure_frame`` of one method.
        attributes: one row per school: ``county_code, school_code`` and the columns, e.g. mean intake and shares of pupils
            in poverty; schools without a value are left out.
        columns: attributes checked.
        limit: size of a correlation that is flagged when exceeded.

    Returns:
        ``attribute, n_schools, correlation, ci_low, ci_high, flagged``; null below 4 schools or without variation, and
        not flagged then.

    Raises:
        DomainError: ``scoring.model_input_invalid``: column missing, not a number.
    """
    require_finite(attributes, numeric=columns, others=SCHOOL_KEYS)
    keys = list(SCHOOL_KEYS)
    joined = measure.select(*keys, "value").join(attributes.select(*keys, *columns), on=keys, how="inner")
    rows = []
    for column in columns:
        known = joined.select("value", pl.col(column).cast(pl.Float64)).drop_nulls()
        r, low, high = pearson(known["value"].to_numpy(), known[column].to_numpy())
        rows.append((column, known.height, r, low, high, r is not None and bool(np.abs(r) > limit)))
    figures = dict.fromkeys(("correlation", "ci_low", "ci_high"), pl.Float64())
    schema = {"attribute": pl.String(), "n_schools": pl.Int64(), **figures, "flagged": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")
