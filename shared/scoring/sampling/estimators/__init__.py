"""Figures estimated from a sample (SCORING §8b.9): one kind per file, listed here.

To add one: write ``estimators/<name>.py`` with a function that returns an ``Estimator``, add it to the tuple, test it in
``tests/scoring/spec/sampling/estimators/test_<name>.py``.
"""

from collections.abc import Callable

from shared.scoring.sampling.estimators.base import Estimator
from shared.scoring.sampling.estimators.means import mean
from shared.scoring.sampling.estimators.quantiles import quantiles
from shared.scoring.sampling.estimators.rates import rate
from shared.scoring.sampling.estimators.regressions import regression
from shared.scoring.sampling.estimators.spreads import spread
from shared.scoring.sampling.estimators.totals import total

ESTIMATORS: tuple[Callable[..., Estimator], ...] = (total, mean, spread, rate, quantiles, regression)

__all__ = ["ESTIMATORS", "Estimator", "mean", "quantiles", "rate", "regression", "spread", "total"]
