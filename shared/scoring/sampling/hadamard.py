"""Hadamard matrices of many orders, by Sylvester's doubling and Paley's two constructions.

Paley, R. E. A. C. (1933). On orthogonal matrices. Journal of Mathematics and Physics 12, 311–320.
"""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.int64]


def hadamard(at_least: int) -> Signs:
    """The smallest Hadamard matrix of an order that is ≥ ``at_least`` and can be constructed here.

    Orders are 1, 2 and multiples of 4: powers of two, q + 1 for primes q ≡ 3 (mod 4), 2 (q + 1) for primes q ≡ 1 (mod 4),
    and doubles of these; of the multiples of 4 up to 100, 52, 92 and 100 are missing.

    Returns:
        Entries ±1, rows and columns orthogonal, first column all 1.
    """
    # The powers of two have no end, so one is found.
    orders = map(_constructed, count(max(at_least, 1)))
    found = next(matrix for matrix in orders if matrix is not None)
    return found * found[:, :1]


def _constructed(order: int) -> Signs | None:
    if order == 1:
        return np.ones((1, 1), np.int64)
    if order == 2:
        return np.array([[1, 1], [1, -1]])
    if order % 4:
        return None
    if _is_prime(order - 1):
        return _paley_one(order - 1)
    if order % 8 == 4:
        half = order // 2 - 1
        return _paley_two(half) if half % 4 == 1 and _is_prime(half) else None
    smaller = _constructed(order // 2)
    return None if smaller is None else np.kron(np.array([[1, 1], [1, -1]]), smaller)


def _paley_one(prime: int) -> Signs:
    core = np.ones((prime + 1, prime + 1), np.int64)
    core[1:, 0] = -1
    core[1:, 1:] = _residue_signs(prime)
    core[0, 0] = 0
    return core + np.eye(prime + 1, dtype=np.int64)


def _paley_two(prime: int) -> Signs:
    core = np.ones((prime + 1, prime + 1), np.int64)
    core[1:, 1:] = _residue_signs(prime)
    core[0, 0] = 0
    identity = np.eye(prime + 1, dtype=np.int64)
    return np.kron(core, np.array([[1, 1], [1, -1]])) + np.kron(identity, np.array([[1, -1], [-1, -1]]))


def _residue_signs(prime: int) -> Signs:
    # 1 where row − column is a square modulo the prime, −1 where not, 0 on the diagonal.
    sign = np.full(prime, -1, np.int64)
    sign[np.arange(prime, dtype=np.int64) ** 2 % prime] = 1
    sign[0] = 0
    index = np.arange(prime)
    signs: Signs = sign[(index[:, None] - index[None, :]) % prime]
    return signs


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % factor for factor in range(2, int(number**0.5) + 1))
