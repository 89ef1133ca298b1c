"""Draws that anybody can follow with nothing but SHA-256: units in the order of their hash, the first are drawn."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable


def in_hash_order(codes: Iterable[str], *, seed: str) -> list[str]:
    """Codes in the order of SHA-256, in hexadecimal, over the UTF-8 text ``seed:code``."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{seed}:{code}".encode()).hexdigest())


def number_to_draw(count: int, *, share: float, least: int) -> int:
    """A share of so many units, rounded up, and ``least`` of them at the least, where there are as many."""
    return min(count, max(least, math.ceil(share * count - 1e-9)))
