"""What a password must be. Length does the work; composition rules only make people write passwords down."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from shared.terms.errors import Fault

MIN_LENGTH = 12
MAX_LENGTH = 128
MIN_DISTINCT = 5

# The worst that are long enough, or become so when a year, digits or the same word again are put behind.
_WORST = frozenset((Path(__file__).parent / "worst_passwords.txt").read_text("ascii").split())
_SHORTEST, _LONGEST = min(map(len, _WORST)), max(map(len, _WORST))


def normalized(secret: str) -> str:
    """The form that is hashed: the same password typed on another keyboard gives the same text (NFKC)."""
    return unicodedata.normalize("NFKC", secret)


def password_faults(password: str, *, username: str, pointer: str = "/new_password") -> list[Fault]:
    """Everything that is wrong with a password.

    Args:
        password: as the person chose it.
        username: must not stand in it.
        pointer: where it stands in the request.
    """
    return [Fault(code, pointer=pointer, params=_LIMITS) for code in _codes(normalized(password), username)]


_LIMITS = {"min": MIN_LENGTH, "max": MAX_LENGTH, "distinct": MIN_DISTINCT}


def _codes(password: str, username: str) -> Iterable[str]:
    folded = password.casefold()
    if len(password) < MIN_LENGTH:
        yield "password.too_short"
    if len(password) > MAX_LENGTH:
        yield "password.too_long"
    if username and (username.casefold() in folded or folded in username.casefold()):
        yield "password.like_username"
    if len(set(folded)) < MIN_DISTINCT or _is_one_run(folded):
        yield "password.unvaried"
    if _core(folded) in _WORST or folded in _WORST or _is_repeated(folded):
        yield "password.common"


def _core(folded: str) -> str:
    """The word left when digits and signs around it are taken away, as in ``password2026!!``."""
    return folded.strip("0123456789!@#$%^&*()_+-=.,?~ ") or folded


def _is_repeated(folded: str) -> bool:
    """Whether it is one worst password written several times."""
    return any(
        len(folded) % length == 0 and folded[:length] in _WORST and folded[:length] * (len(folded) // length) == folded
        for length in range(_SHORTEST, min(_LONGEST, len(folded) // 2) + 1)
    )


def _is_one_run(folded: str) -> bool:
    """Whether it counts up or down all the way, as in ``abcdefghijkl`` or ``210987654321``."""
    steps = {ord(b) - ord(a) for a, b in pairwise(folded)}
    return bool(steps) and (steps <= {1, -9} or steps <= {-1, 9})
