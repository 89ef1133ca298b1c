"""Distribution statistics (SCORING §2): one family per file, listed here.

To add one: write ``statistics/<name>.py`` with a ``STATISTIC``, add it to the tuple, test it in
``tests/scoring/spec/statistics/test_<name>.py``.
"""

from shared.scoring.statistics import composite, location, participation, quantiles, rates
from shared.scoring.statistics.base import Statistic

STATISTICS: tuple[Statistic, ...] = (
    participation.STATISTIC,
    location.STATISTIC,
    quantiles.STATISTIC,
    rates.STATISTIC,
    composite.STATISTIC,
)

__all__ = ["STATISTICS", "Statistic"]
