"""Pure decisions about pools of performance pay: kinds, their life."""

from __future__ import annotations

from enum import StrEnum

from shared.workflow.transitions import Transition, TransitionTable


class PoolKind(StrEnum):
    """What a pool is for: three totals that are kept apart."""

    INCENTIVE = "incentive"
    CLASS_TEACHER = "class_teacher"
    AFTER_SCHOOL = "after_school"


class PoolState(StrEnum):
    """States of a pool."""

    SET = "set"
    DISTRIBUTED = "distributed"
    IN_PAYMENT = "in_payment"
    CLOSED = "closed"


_S = PoolState
LIFE = TransitionTable[PoolState](
    (
        # A county's pool goes to its schools, a school's to its staff; a county may distribute again until somebody is paid.
        Transition("distribute", frozenset({_S.SET, _S.DISTRIBUTED}), _S.DISTRIBUTED),
        Transition("supersede", frozenset({_S.SET, _S.DISTRIBUTED}), _S.SET),
        # A run of the school was confirmed: amount and people stay as they are, unless it is dropped unseen.
        Transition("begin_payment", frozenset({_S.SET}), _S.IN_PAYMENT),
        Transition("withdraw_payment", frozenset({_S.IN_PAYMENT}), _S.SET),
        Transition("close", frozenset({_S.DISTRIBUTED, _S.IN_PAYMENT}), _S.CLOSED),
    )
)
#: Steps that follow from a run, not from a hand on the pool.
BY_RUNS = frozenset({"begin_payment", "withdraw_payment"})
#: People and their figures may be changed.
OPEN = frozenset({PoolState.SET})
#: Pay of this kind is added to the approved total and is no base of next year's.
OUTSIDE_BASE = frozenset({PoolKind.AFTER_SCHOOL})
MOST_MONTHS = 12
