"""Random numbers by name and place: the number of a place is the same whoever asks, in whatever chunks.

Every stream is a keyed SplitMix64 sequence (Steele, Lea and Flood 2014, OOPSLA, 453–472) that is entered at any place in
constant time. A stream's name takes the part that a generator's state usually has: nothing depends on order.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class Streams:
    """All streams of one seed.

    Args:
        seed: any whole number.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def uniform(self, stream: str, places: NDArray[Any]) -> Floats:
        """Numbers strictly between 0 and 1 at some places (whole numbers from 0) of a stream; shape of ``places``."""
        bits = places.astype(np.uint64)
        bits += np.uint64(1)
        bits *= _GOLDEN
        bits += self._key(stream)
        bits ^= bits >> np.uint64(30)
        bits *= _FIRST
        bits ^= bits >> np.uint64(27)
        bits *= _SECOND
        bits ^= bits >> np.uint64(31)
        bits >>= np.uint64(11)
        numbers = bits.astype(np.float64)
        numbers += 0.5
        numbers *= 2.0**-53
        return numbers

    def normal(self, stream: str, places: NDArray[Any]) -> Floats:
        """Standard normal numbers at some places, by the inverse distribution function."""
        numbers: Floats = ndtri(self.uniform(stream, places))
        return numbers

    def below(self, stream: str, places: NDArray[Any], bound: int | Integers) -> Integers:
        """Whole numbers from 0 to ``bound − 1`` at some places."""
        return (self.uniform(stream, places) * bound).astype(np.int64)

    def _key(self, stream: str) -> np.uint64:
        digest = hashlib.blake2b(f"{self._seed}/{stream}".encode(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little"))


def apportion(weights: Floats, total: int, *, minimum: int) -> Integers:
    """Whole shares of a total in proportion to weights, by largest remainder, none below a minimum.

    Raises:
        ValueError: the total cannot give everyone the minimum.
    """
    rest = total - minimum * len(weights)
    if rest < 0:
        raise ValueError(f"{total} cannot be shared among {len(weights)} with at least {minimum} each")
    exact = weights / weights.sum() * rest
    shares: Integers = np.floor(exact).astype(np.int64)
    most_cut = np.argsort(shares - exact, kind="stable")[: rest - int(shares.sum())]
    shares[most_cut] += 1
    shares += minimum
    return shares
