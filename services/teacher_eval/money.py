"""Money at the API: whole fen, with the text in yuan that people read; and months, in which pay is counted."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

#: More than any pool of a province, and far below what 64 bits hold.
MOST_FEN = 10**15
#: Whole fen in bodies.
Fen = Annotated[int, Field(ge=0, le=MOST_FEN, description="金额，单位：分 / whole fen")]
#: A month in bodies, ``2026-09``.
Month = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


class Money(BaseModel):
    """An amount: exact in fen, and as people read it."""

    fen: int
    yuan: str


def money(fen: int) -> Money:
    """An amount for an answer."""
    return Money(fen=fen, yuan=yuan(fen))


def yuan(fen: int) -> str:
    """An amount in yuan with two places: ``83400`` is ``834.00``."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Months from the first to the last, both included; empty where the last lies before the first."""
    start, end = _ordinal(first), _ordinal(last)
    return [f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(start, end + 1)]


def _ordinal(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1
