"""When the next attempt may be made: a leaking count of failures, and a wait that doubles once it is full."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

_MOST_DOUBLINGS = 30


class AttemptPolicy(BaseModel):
    """How much guessing is allowed.

    Args:
        allowed: failures without any wait.
        leak_seconds: one failure is forgotten each.
        first_wait_seconds: wait after the first failure too many; doubles with every further one.
        max_wait_seconds: the longest wait.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: PositiveInt
    leak_seconds: PositiveFloat
    first_wait_seconds: PositiveFloat
    max_wait_seconds: PositiveFloat


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures remembered of one key.

    Args:
        level: how many, as of ``last_at``; a fraction while one is leaking away.
        last_at: the last failure.
        blocked_until: no attempt is looked at before.
    """

    level: float
    last_at: dt.datetime
    blocked_until: dt.datetime | None


def after_failure(before: Failures | None, policy: AttemptPolicy, at: dt.datetime) -> Failures:
    """The count after one more failure at ``at``."""
    level = remaining_level(before, policy, at) + 1.0 if before else 1.0
    excess = math.ceil(level - policy.allowed)
    if excess <= 0:
        return Failures(level, at, None)
    doubled = policy.first_wait_seconds * 2.0 ** min(excess - 1, _MOST_DOUBLINGS)
    return Failures(level, at, at + dt.timedelta(seconds=min(doubled, policy.max_wait_seconds)))


def remaining_level(failures: Failures, policy: AttemptPolicy, at: dt.datetime) -> float:
    """What is left of the count at ``at``."""
    elapsed = max(0.0, (at - failures.last_at).total_seconds())
    return max(0.0, failures.level - elapsed / policy.leak_seconds)


def wait_seconds(failures: Failures | None, at: dt.datetime) -> int:
    """Whole seconds until the next attempt is looked at; 0 when it may be made now."""
    if failures is None or failures.blocked_until is None:
        return 0
    return max(0, math.ceil((failures.blocked_until - at).total_seconds()))
