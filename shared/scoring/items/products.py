"""Matrix products of a chunk in blocks small enough for one thread.

A BLAS divides larger products among all cores. For matrices as narrow as these that gains nothing, and where several
processes gather at once the threads wait for each other: 400,000 rows took thirteen seconds instead of a fifth of one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
_SINGLE_THREAD = 1 << 18
"""Multiplications up to which OpenBLAS keeps a product in the calling thread."""


def cross_products(left: Floats, right: Floats, *, exact_rows: int | None = None) -> NDArray[np.float64]:
    """``leftᵀ right``, shape (columns of left, columns of right); whole numbers below 2^53 are exact.

    Args:
        left: float64, or float32; either may be a transposed view.
        right: of the same type and number of rows.
        exact_rows: highest number of rows whose products the type sums exactly, where that needs a limit.
    """
    rows, (head, tail) = len(left), _blocks(len(left), left.shape[1] * right.shape[1], limit=exact_rows)
    split = rows - tail
    blocks = np.matmul(_stack(left[:split], head).transpose(0, 2, 1), _stack(right[:split], head))
    result: NDArray[np.float64] = blocks.sum(axis=0, dtype=np.float64) + left[split:].T @ right[split:]
    return result


def map_rows(values: Floats, matrix: Floats, out: Floats) -> None:
    """Writes ``values @ matrix`` into ``out``."""
    head, tail = _blocks(len(values), matrix.size)
    split = len(values) - tail
    np.matmul(_stack(values[:split], head), matrix, out=_stack(out[:split], head))
    np.matmul(values[split:], matrix, out=out[split:])


def _blocks(rows: int, size: int, *, limit: int | None = None) -> tuple[int, int]:
    """Rows of a block, and rows left over after the whole blocks."""
    height = max(min(_SINGLE_THREAD // max(size, 1), limit or rows), 1)
    return height, rows % height


def _stack(values: Floats, height: int) -> Floats:
    return values.reshape(len(values) // height, height, values.shape[1])
