"""Grades from totals, and vetoes that cap them (SCORING §10.3)."""

from __future__ import annotations

import math

import numpy as np

from shared.scoring.scheme.outline import Bools, Counts, Floats, Outline, is_veto
from shared.scoring.scheme.points import PLACES
from shared.scoring.scheme.tree import Leaf, Scheme


def thresholds(scheme: Scheme) -> Counts:
    """Least printed total of each grade but the last, in hundredths, best first."""
    return np.array([math.ceil(band.at_least * PLACES) for band in scheme.grades[:-1]], np.int64)


def grade_positions(scheme: Scheme, printed_totals: Counts) -> Counts:
    """Position of the grade of printed totals, in hundredths; 0 is the best."""
    positions: Counts = (printed_totals[..., None] < thresholds(scheme)).sum(axis=-1)
    return positions


def grade_positions_of_exact(scheme: Scheme, totals: Floats) -> Counts:
    """The same from totals that are not rounded: as if each were printed."""
    # Half a hundredth below the least is printed as the least; noise decides nothing (rounding.without_noise).
    least = (thresholds(scheme) - 0.5) / PLACES - 5e-10
    positions: Counts = len(least) - np.searchsorted(least[::-1], totals, side="right")
    return positions


def caps(scheme: Scheme, tree: Outline, struck: Bools) -> Counts:
    """Position of the best grade left to each unit by the vetoes that struck it; of several the lowest counts.

    Args:
        scheme: its grades.
        tree: its outline.
        struck: vetoes × units, in the order of :func:`vetoes`.
    """
    if not struck.shape[0]:
        return np.zeros(struck.shape[1], np.int64)
    positions = {band.grade: position for position, band in enumerate(scheme.grades)}
    levels = np.array([positions[str(tree.leaves[number].rule.caps_at)] for number in vetoes(tree)])
    most: Counts = np.where(struck, levels[:, None], 0).max(axis=0)
    return most


def vetoes(tree: Outline) -> list[int]:
    """Positions of the vetoes among the leaves."""
    return [number for number, leaf in enumerate(tree.leaves) if is_veto(leaf)]


def names_where(leaves: list[Leaf], hits: Bools) -> list[list[str]]:
    """Per unit the codes of the leaves hit, leaves × units; units without a hit cost nothing."""
    found: list[list[str]] = [[] for _ in range(hits.shape[1])]
    for unit, number in zip(*np.nonzero(hits.T), strict=True):
        found[unit].append(leaves[number].code)
    return found
