"""The life of a class's term: recorded, chosen, shown, verified. Pure."""

from __future__ import annotations

from enum import StrEnum

from shared.workflow.transitions import Transition, TransitionTable


class TermState(StrEnum):
    """States of a class's term."""

    RECORDING = "recording"
    SELECTING = "selecting"
    IN_PUBLICITY = "in_publicity"
    VERIFIED = "verified"


_T = TermState
TERM_LIFE = TransitionTable[TermState](
    (
        Transition("begin_selection", frozenset({_T.RECORDING}), _T.SELECTING),
        Transition("return_to_recording", frozenset({_T.SELECTING}), _T.RECORDING),
        Transition("begin_publicity", frozenset({_T.SELECTING}), _T.IN_PUBLICITY),
        Transition("withdraw_publicity", frozenset({_T.IN_PUBLICITY}), _T.SELECTING),
        Transition("verify", frozenset({_T.IN_PUBLICITY}), _T.VERIFIED),
    )
)
