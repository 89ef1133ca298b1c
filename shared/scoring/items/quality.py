"""Quality bands of item figures, as data (试题质量等级).

Bands are published for figures of two decimals (0.73–0.85, then 0.86 and above), so the figure is rounded to two
decimals, halves up, before it is placed: a reader never sees 0.86 in the band that ends at 0.85.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shared.scoring.rounding import half_away_from_zero

_DIGITS = 2


@dataclass(frozen=True, slots=True)
class QualityScale:
    """Bands from the highest down.

    Args:
        code: name of the scale.
        bands: lowest two-decimal figure of a band and the band's code, highest first.
        below: code of what is lower than all bands.
    """

    code: str
    bands: tuple[tuple[Decimal, str], ...]
    below: str

    def band(self, value: float) -> str:
        """Band of a finite figure."""
        shown = half_away_from_zero(value, _DIGITS)
        return next((code for lowest, code in self.bands if shown >= lowest), self.below)


DIFFICULTY = QualityScale(
    "item_difficulty",
    (
        (Decimal("0.86"), "easy"),
        (Decimal("0.73"), "fairly_easy"),
        (Decimal("0.38"), "medium"),
        (Decimal("0.15"), "fairly_hard"),
    ),
    "hard",
)
DISCRIMINATION = QualityScale(
    "item_discrimination",
    ((Decimal("0.40"), "very_good"), (Decimal("0.30"), "good"), (Decimal("0.20"), "fair")),
    "poor",
)
RELIABILITY = QualityScale(
    "cronbach_alpha",
    ((Decimal("0.90"), "high_stakes"), (Decimal("0.80"), "good"), (Decimal("0.70"), "usable")),
    "low",
)
