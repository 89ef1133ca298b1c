"""How hours of training stand in their period."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from shared.policy.teacher_development import TrainingPeriod


def expected_by(period: TrainingPeriod, day: dt.date, needed: int) -> Decimal:
    """Hours that lie behind somebody who spreads them evenly over the period, to one decimal, cut off."""
    whole = (period.last_on - period.first_on).days + 1
    passed = min(max((day - period.first_on).days + 1, 0), whole)
    return (Decimal(needed) * passed / whole).quantize(Decimal("0.1"), rounding="ROUND_DOWN")
