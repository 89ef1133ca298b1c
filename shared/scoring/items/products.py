"""Matrix products of a chunk in blocks small enough for one thread.

A BLAS divides larger products among all cores. For matrices as narrow as these that gains nothing, and where several
processes gather at once the threads wait for each other: 400,000 rows took thirteen seconds instead of a fifth of one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_SINGLE_THREAD = 1 << 18
"""Multiplications up to which OpenBLAS keeps a product in the calling thread."""


def cross_products(left: Numbers, right: Numbers) -> Numbers:
    """``leftᵀ right``, shape (columns of left, columns of right); whole numbers below 2^53 are exact."""
    rows, (head, tail) = len(left), _blocks(len(left), left.shape[1] * right.shape[1])
    split = rows - tail
    whole = np.matmul(_stack(left[:split], head).transpose(0, 2, 1), _stack(right[:split], head)).sum(axis=0)
    result: Numbers = whole + left[split:].T @ right[split:]
    return result


def map_rows(values: Numbers, matrix: Numbers, out: Numbers) -> None:
    """Writes ``values @ matrix`` into ``out``."""
    head, tail = _blocks(len(values), matrix.size)
    split = len(values) - tail
    np.matmul(_stack(values[:split], head), matrix, out=_stack(out[:split], head))
    np.matmul(values[split:], matrix, out=out[split:])


def _blocks(rows: int, size: int) -> tuple[int, int]:
    """Rows of a block, and rows left over after the whole blocks."""
    height = max(_SINGLE_THREAD // max(size, 1), 1)
    return height, rows % height


def _stack(values: Numbers, height: int) -> Numbers:
    return values.reshape(len(values) // height, height, values.shape[1])
