"""A scheme's tree as columns: what is computed for every node at once is a matrix of nodes × units (SCORING §10)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.scoring.scheme.tree import Branch, Leaf, Scheme

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
ROOT = -1


@dataclass(frozen=True, slots=True)
class Family:
    """A node and those it is made of, by position; the parent of the dimensions is ``ROOT``."""

    parent: int
    children: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Outline:
    """Nodes in the scheme's order, parents before children.

    Args:
        nodes: dimensions, indicators and checkpoints.
        parents: position of the node above each; ``ROOT`` of a dimension.
        depths: 1 of a dimension.
        families: parents before children.
    """

    nodes: tuple[Branch | Leaf, ...]
    parents: tuple[int, ...]
    depths: tuple[int, ...]
    families: tuple[Family, ...]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of the nodes."""
        return tuple(node.code for node in self.nodes)

    @cached_property
    def leaf_positions(self) -> tuple[int, ...]:
        """Positions of the leaves among the nodes."""
        return tuple(position for position, node in enumerate(self.nodes) if isinstance(node, Leaf))

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves."""
        return tuple(node for node in self.nodes if isinstance(node, Leaf))

    @cached_property
    def weights(self) -> Floats:
        """Weight of each node relative to its siblings as written; 0 of a veto, which brings no marks."""
        return np.array([0.0 if is_veto(node) else float(node.weight) for node in self.nodes])


def outline(scheme: Scheme) -> Outline:
    """The outline of a scheme."""
    walked = list(scheme.nodes())
    position = {node.code: number for number, (_, node) in enumerate(walked)}
    parents = tuple(position[above[-1]] if above else ROOT for above, _ in walked)
    kin: dict[int, list[int]] = {ROOT: []}
    for number, (_, node) in enumerate(walked):
        kin[parents[number]].append(number)
        if isinstance(node, Branch):
            kin[number] = []
    return Outline(
        nodes=tuple(node for _, node in walked),
        parents=parents,
        depths=tuple(len(above) + 1 for above, _ in walked),
        families=tuple(Family(parent, tuple(children)) for parent, children in kin.items()),
    )


def is_veto(node: Branch | Leaf) -> bool:
    """Whether a node is a one-vote veto (一票否决): it caps the grade and brings no marks."""
    return isinstance(node, Leaf) and node.rule.caps_at is not None
