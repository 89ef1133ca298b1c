"""Pure decisions about runs: their life, who is shown what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shared.policy.performance_pay import default_posting
from shared.workflow.transitions import Transition, TransitionTable


class RunState(StrEnum):
    """States of a run."""

    COMPUTED = "computed"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"
    PAID = "paid"
    DROPPED = "dropped"


_S = RunState
LIFE = TransitionTable[RunState](
    (
        # A person answers for it, with a reason: nobody is paid by a machine alone.
        Transition("confirm", frozenset({_S.COMPUTED}), _S.CONFIRMED),
        # Before anybody has seen it; afterwards corrections go through the ledger.
        Transition("drop", frozenset({_S.COMPUTED, _S.CONFIRMED}), _S.DROPPED),
        Transition("publish", frozenset({_S.CONFIRMED}), _S.PUBLISHED),
        Transition("pay", frozenset({_S.PUBLISHED}), _S.PAID),
    )
)
#: Each person sees the own amount and how it came about.
SHOWN = frozenset({RunState.PUBLISHED, RunState.PAID})
#: At most one run of a pool is in one of these.
CHOSEN = frozenset({RunState.CONFIRMED, RunState.PUBLISHED, RunState.PAID})


def posting_of(chosen: Mapping[str, str | None]) -> Mapping[str, str]:
    """What of a payment is posted to whom: as the plan says, else by the law's default."""
    return dict(default_posting()) | {name: value for name, value in chosen.items() if value is not None}
