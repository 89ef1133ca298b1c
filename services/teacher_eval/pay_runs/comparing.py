"""TEMPORARY."""

import polars as pl

MIN_N = 5


def equal_shares(inputs, amount_fen):
    return inputs.select("staff_key", amount_fen=pl.lit(0))


def compared(inputs, outcomes, baseline, *, min_n):
    return {"people": outcomes.height}
