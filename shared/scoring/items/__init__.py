"""Item analysis (小题分析, SCORING §7): one family of figures per file, listed here.

To add one: write ``items/<name>.py`` with a ``STATISTIC``, add it to the tuple, test it in
``tests/scoring/spec/items/test_<name>.py``.
"""

from shared.scoring.items import correlation, difficulty, discrimination, reliability
from shared.scoring.items.base import ItemStatistic

ITEM_STATISTICS: tuple[ItemStatistic, ...] = (
    difficulty.STATISTIC,
    discrimination.STATISTIC,
    correlation.STATISTIC,
    reliability.STATISTIC,
)

__all__ = ["ITEM_STATISTICS", "ItemStatistic"]
