"""Pictures of the dimensions: how many pupils have which grade, of groups and of all; what is small is withheld. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.disclosure import withheld


@dataclass(frozen=True, slots=True)
class Distribution:
    """Pupils of a group by grade in a node.

    Args:
        group: whose.
        node: dimension or indicator.
        pupils: those with a grade; ``None`` where withheld.
        counts: by grade, best first; ``None`` where withheld.
    """

    group: str
    node: str
    pupils: int | None
    counts: Mapping[str, int] | None


def distributions(
    counts: pl.DataFrame, *, nodes: Sequence[str], grades: Sequence[str], min_n: int
) -> tuple[list[Distribution], list[Distribution]]:
    """Groups and the whole they make.

    A group with fewer than ``min_n`` pupils in a node is withheld there, and so much beside it that no subtraction from the
    whole brings it back; where the whole is small, so is everything.

    Args:
        counts: ``group, node, grade, pupils``.
        nodes: in the order to be shown.
        grades: best first.
        min_n: fewest pupils whose grades are shown.

    Returns:
        The groups, by group and node, and the whole, by node.
    """
    whole, parts = [], []
    groups = sorted(counts["group"].unique())
    for node in nodes:
        found = _by_group(counts.filter(pl.col("node") == node))
        total = sum(sum(each.values()) for each in found.values())
        hidden = withheld_groups(counts, node=node, min_n=min_n)
        parts += [_told(group, node, found.get(group, {}), grades, is_hidden=group in hidden) for group in groups]
        every = {grade: sum(each.get(grade, 0) for each in found.values()) for grade in grades}
        whole.append(_told("all", node, every, grades, is_hidden=0 < total < min_n))
    return sorted(parts, key=lambda each: (each.group, nodes.index(each.node))), whole


def withheld_groups(counts: pl.DataFrame, *, node: str, min_n: int) -> Collection[str]:
    """Groups that a picture withholds in a node: what is told of them elsewhere would undo it."""
    sizes = dict.fromkeys(counts["group"].unique(), 0)
    sizes |= {group: sum(found.values()) for group, found in _by_group(counts.filter(pl.col("node") == node)).items()}
    return withheld(sizes, min_n=min_n, must_hide=0 < sum(sizes.values()) < min_n)


def _by_group(counts: pl.DataFrame) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for group, grade, pupils in counts.select("group", "grade", "pupils").iter_rows():
        found.setdefault(group, {})[grade] = pupils
    return found


def _told(group: str, node: str, counts: Mapping[str, int], grades: Sequence[str], *, is_hidden: bool) -> Distribution:
    if is_hidden:
        return Distribution(group, node, None, None)
    told = {grade: counts.get(grade, 0) for grade in grades}
    return Distribution(group, node, sum(told.values()), told)
