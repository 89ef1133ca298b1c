"""State machines as tables: every state and action, and the life of an exam."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.exams.rules import LIFE, ExamState
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    DARK = "dark"


LIGHTS = TransitionTable[Light](
    (
        Transition("go", frozenset({Light.RED}), Light.GREEN),
        Transition("stop", frozenset({Light.GREEN, Light.RED}), Light.RED),
    )
)


def test_an_action_leads_where_the_table_says() -> None:
    assert LIGHTS.target("go", Light.RED) is Light.GREEN
    assert LIGHTS.target("stop", Light.RED) is Light.RED
    assert LIGHTS.actions(Light.RED) == ("go", "stop")
    assert LIGHTS.actions(Light.DARK) == ()
    assert [transition.action for transition in LIGHTS.transitions] == ["go", "stop"]


def test_a_refusal_says_what_is_possible_instead() -> None:
    with pytest.raises(DomainError) as refused:
        LIGHTS.target("go", Light.GREEN)
    assert refused.value.code == "workflow.not_allowed"
    assert refused.value.params == {"action": "go", "state": "green", "possible": "stop"}
    with pytest.raises(DomainError) as nothing:
        LIGHTS.target("go", Light.DARK)
    assert nothing.value.params["possible"] == "-"


def test_an_action_of_no_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        LIGHTS.target("blink", Light.RED)


def test_two_transitions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same action"):
        TransitionTable[Light](LIGHTS.transitions + LIGHTS.transitions[:1])


ALLOWED = {
    ExamState.DRAFT: {"open": "collecting"},
    ExamState.COLLECTING: {"open": "collecting", "check": "checking"},
    ExamState.CHECKING: {"seal": "sealed", "reopen": "collecting"},
    ExamState.SEALED: {"reopen": "collecting", "reopen_schools": "checking", "analyze": "analyzed"},
    ExamState.ANALYZED: {
        "reopen": "collecting",
        "reopen_schools": "checking",
        "analyze": "analyzed",
        "publish": "published",
    },
    ExamState.PUBLISHED: {
        "reopen": "collecting",
        "reopen_schools": "checking",
        "correct_key": "sealed",
        "withdraw": "withdrawn",
        "archive": "archived",
    },
    ExamState.WITHDRAWN: {"reopen": "collecting", "reopen_schools": "checking", "correct_key": "sealed"},
    ExamState.ARCHIVED: {},
}


@pytest.mark.parametrize("state", ExamState)
def test_the_life_of_an_exam(state: ExamState) -> None:
    assert {action: LIFE.target(action, state).value for action in LIFE.actions(state)} == ALLOWED[state]


@given(st.lists(st.sampled_from([transition.action for transition in LIFE.transitions]), max_size=30))
def test_nothing_is_published_that_was_not_analyzed_since_marks_could_last_change(actions: list[str]) -> None:
    state, analyzed = ExamState.DRAFT, False
    for action in actions:
        if action not in LIFE.actions(state):
            continue
        state = LIFE.target(action, state)
        if state in (ExamState.COLLECTING, ExamState.CHECKING):
            analyzed = False
        if action == "analyze":
            analyzed = True
        if action == "publish":
            assert analyzed


@given(st.lists(st.sampled_from([transition.action for transition in LIFE.transitions]), max_size=30))
def test_nothing_is_sealed_that_schools_could_not_check(actions: list[str]) -> None:
    state, before = ExamState.DRAFT, ExamState.DRAFT
    for action in actions:
        if action in LIFE.actions(state):
            before, state = state, LIFE.target(action, state)
        if action == "seal" and state is ExamState.SEALED and before is not state:
            assert before in (ExamState.CHECKING, ExamState.SEALED)
