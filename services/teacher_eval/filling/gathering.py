"""Everything that need not be asked of anybody, put together for the leaves of a scheme of staff."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.teacher_eval.filling.filled import Filled, Provider, Wanted
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.rules.base import ValueKind
from shared.scoring.scheme.tree import Leaf, Scheme

UNIT = "unit_code"


@dataclass(frozen=True, slots=True)
class Gathered:
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


async def gather(scheme: Scheme, wanted: Wanted, providers: Sequence[Provider]) -> Gathered:
    """Asks every provider for what it knows of the scheme's leaves; the first that knows a leaf's key fills it."""
    by_leaf: dict[str, tuple[Leaf, Filled]] = {}
    leaves = list(scheme.leaves())
    for provider in providers:
        own = [leaf for leaf in leaves if leaf.source.kind is provider.kind and provider.knows(leaf.source.key)]
        keys = {leaf.source.key for leaf in own if leaf.code not in by_leaf}
        found = await provider.gather(wanted, keys) if keys else {}
        by_leaf |= {leaf.code: (leaf, found[leaf.source.key]) for leaf in own if leaf.source.key in found}
    return await asyncio.to_thread(_assembled, leaves, by_leaf, wanted.staff)


def _assembled(leaves: Sequence[Leaf], by_leaf: Mapping[str, tuple[Leaf, Filled]], staff: pl.DataFrame) -> Gathered:
    values = errors = staff.select(pl.col("staff_key").alias(UNIT)).sort(UNIT)
    origins = {}
    for code, (leaf, filled) in sorted(by_leaf.items()):
        frame = filled.frame.rename({"staff_key": UNIT})
        if frame.is_empty():
            continue
        column = frame.select(UNIT, _typed(leaf).alias(code))
        values = values.join(column, on=UNIT, how="left", maintain_order="left")
        if frame["se"].null_count() < frame.height:
            error = frame.select(UNIT, pl.col("se").alias(code))
            errors = errors.join(error, on=UNIT, how="left", maintain_order="left")
        origins[code] = {**filled.origin, "staff": values[code].count()}
    unfilled = tuple(leaf.code for leaf in leaves if leaf.code not in origins)
    return Gathered(values, errors, origins, unfilled)


def _typed(leaf: Leaf) -> pl.Expr:
    """A figure as the leaf's rule wants it: yes or no is given as 1 or 0, a choice by its place."""
    value = pl.col("value")
    if leaf.rule.value_kind is ValueKind.YES_NO:
        return value != 0
    if leaf.rule.value_kind is ValueKind.CHOICE:
        places = {float(place): choice for place, choice in enumerate(leaf.rule.choices)}
        return value.replace_strict(places, default=None, return_dtype=pl.String)
    return value


async def store_gathered(found: Gathered, store: ColumnarStore) -> dict[str, Any]:
    """Stores the figures; what a cycle keeps of them.

    Returns:
        ``{"values": SHA-256, "errors": SHA-256 or null, "origins": {leaf: …}, "unfilled": [leaf, …]}``.
    """
    values = await asyncio.to_thread(store.put, found.values)
    errors = await asyncio.to_thread(store.put, found.errors) if found.errors.width > 1 else None
    return {
        "values": values.sha256,
        "errors": errors.sha256 if errors else None,
        "origins": {leaf: dict(origin) for leaf, origin in found.origins.items()},
        "unfilled": list(found.unfilled),
    }
