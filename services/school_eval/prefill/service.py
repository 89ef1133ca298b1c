"""Everything that need not be asked of schools, put together for the leaves of a scheme."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.school_eval.prefill.filled import Filled, Provider, Wanted
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.tree import Leaf, Scheme

UNIT = "unit_code"


@dataclass(frozen=True, slots=True)
class Prefill:
    """Figures for the leaves of a scheme.

    Args:
        values: ``unit_code`` and a column per leaf that has a provider, typed as the leaf's rule wants it.
        errors: the same columns with standard errors, of leaves that have any.
        origins: where each leaf's figures are from.
        unfilled: leaves whose source has no provider, or whose provider had nothing.
    """

    values: pl.DataFrame
    errors: pl.DataFrame
    origins: Mapping[str, Mapping[str, Any]]
    unfilled: tuple[str, ...]


async def gather_prefill(scheme: Scheme, wanted: Wanted, providers: Sequence[Provider]) -> Prefill:
    """Asks every provider for what it knows of the scheme's leaves.

    Args:
        scheme: as of the campaign's day.
        wanted: schools, year, exams.
        providers: in any order; the first that knows a leaf's key fills it.
    """
    by_leaf: dict[str, tuple[Leaf, Filled]] = {}
    leaves = list(scheme.leaves())
    for provider in providers:
        own = [leaf for leaf in leaves if leaf.source.kind is provider.kind and provider.knows(leaf.source.key)]
        keys = {leaf.source.key for leaf in own if leaf.code not in by_leaf}
        found = await provider.gather(wanted, keys) if keys else {}
        by_leaf |= {leaf.code: (leaf, found[leaf.source.key]) for leaf in own if leaf.source.key in found}
    return _assembled(leaves, by_leaf, wanted.units)


def _assembled(leaves: Sequence[Leaf], by_leaf: Mapping[str, tuple[Leaf, Filled]], units: pl.DataFrame) -> Prefill:
    values = errors = units.select(UNIT).sort(UNIT)
    origins = {}
    for code, (leaf, filled) in sorted(by_leaf.items()):
        if filled.frame.is_empty():
            continue
        column = filled.frame.select(UNIT, _typed(leaf).alias(code))
        values = values.join(column, on=UNIT, how="left", maintain_order="left")
        if filled.frame["se"].null_count() < filled.frame.height:
            error = filled.frame.select(UNIT, pl.col("se").alias(code))
            errors = errors.join(error, on=UNIT, how="left", maintain_order="left")
        origins[code] = {**filled.origin, "schools": values[code].count()}
    unfilled = tuple(leaf.code for leaf in leaves if leaf.code not in origins)
    return Prefill(values, errors, origins, unfilled)


def _typed(leaf: Leaf) -> pl.Expr:
    """A figure as the leaf's rule wants it: yes or no is given as 1 or 0."""
    if leaf.rule.value_kind is ValueKind.YES_NO:
        return pl.col("value") != 0
    return pl.col("value")


async def store_prefill(prefill: Prefill, store: ColumnarStore) -> dict[str, Any]:
    """Stores the figures; what a campaign keeps of them.

    Returns:
        ``{"values": SHA-256, "errors": SHA-256 or null, "origins": {leaf: …}, "unfilled": [leaf, …]}``.
    """
    values = await asyncio.to_thread(store.put, prefill.values)
    errors = await asyncio.to_thread(store.put, prefill.errors) if prefill.errors.width > 1 else None
    return {
        "values": values.sha256,
        "errors": errors.sha256 if errors else None,
        "origins": {leaf: dict(origin) for leaf, origin in prefill.origins.items()},
        "unfilled": list(prefill.unfilled),
    }
