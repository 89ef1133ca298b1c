"""The lives of notices, appeals and sign-offs: every path ends, and nobody takes another's step."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.workflow import appeals, publicity, sign_offs
from shared.workflow.appeals import APPEAL_LIFE, AppealDeadlines, AppealState
from shared.workflow.calendar import national_calendar
from shared.workflow.clocks import deadline_rules
from shared.workflow.publicity import NOTICE_LIFE, NoticeState
from shared.workflow.sign_offs import SIGN_OFF_LIFE, Signer, SignOffState
from shared.workflow.transitions import TransitionTable

CHINA = dt.timezone(dt.timedelta(hours=8))
AT = dt.datetime(2026, 11, 25, 9, 0, tzinfo=CHINA)
SCHOOL = "99/9900/990001/2199000001/"


def person(name: str, role: Role, org: str = SCHOOL) -> Actor:
    return Actor(name, "client", frozenset({role}), frozenset({"*"}), org)


@pytest.mark.parametrize(
    ("life", "first"),
    [
        (NOTICE_LIFE, NoticeState.DRAFTED),
        (APPEAL_LIFE, AppealState.SUBMITTED),
        (SIGN_OFF_LIFE, SignOffState.REQUESTED),
    ],
)
def test_every_state_is_reached_from_the_first(life: TransitionTable[Any], first: Any) -> None:
    reached, new = {first}, {first}
    while new:
        new = {life.target(action, state) for state in new for action in life.actions(state)} - reached
        reached |= new
    assert reached == set(type(first))


def test_every_step_of_an_appeal_is_somebodys() -> None:
    named = appeals.APPELLANT_STEPS | appeals.HANDLER_STEPS | appeals.REVIEWER_STEPS
    assert named | {"lapse"} == {transition.action for transition in APPEAL_LIFE.transitions}
    assert len(named) == len(appeals.APPELLANT_STEPS) + len(appeals.HANDLER_STEPS) + len(appeals.REVIEWER_STEPS)
    assert all(not APPEAL_LIFE.actions(state) for state in set(AppealState) - appeals.OPEN)


def test_the_clock_of_a_ruling_starts_at_admission_and_goes_on_while_it_is_investigated() -> None:
    days = {name: rule.working_days for name, rule in deadline_rules().items()}
    deadlines = AppealDeadlines(days, national_calendar(), CHINA)
    admitted = deadlines.after(AppealState.ACCEPTED, AT)
    assert admitted is not None
    assert admitted.working_days == days["appeals.rule"]
    assert deadlines.after(AppealState.UNDER_INVESTIGATION, AT) is None
    assert appeals.keeps_deadline(AppealState.UNDER_INVESTIGATION)
    assert deadlines.after(AppealState.FINAL, AT) is None
    assert not appeals.keeps_deadline(AppealState.FINAL)


def test_a_review_comes_in_time_or_not_at_all() -> None:
    appeals.require_in_time("request_review", AT, AT + dt.timedelta(seconds=1))
    appeals.require_in_time("rule", AT, AT)
    with pytest.raises(DomainError) as refused:
        appeals.require_in_time("request_review", AT, AT)
    assert refused.value.code == "appeal.too_late"


def test_a_notice_stands_for_its_whole_window_and_freezes_what_it_shows() -> None:
    publicity.require_over(AT, AT)
    publicity.require_not_frozen(None)
    publicity.require_not_frozen(NoticeState.CLOSED)
    for refuse in (
        lambda: publicity.require_over(AT, AT + dt.timedelta(seconds=1)),
        lambda: publicity.require_not_frozen(NoticeState.OPEN),
    ):
        with pytest.raises(DomainError, match=r"publicity\.") as refused:
            refuse()
        assert refused.value.code in ("publicity.not_over", "publicity.frozen")


def test_signers_sign_in_their_order_each_once_for_what_they_saw() -> None:
    teacher = Signer("class_teacher", Role.TEACHER, SCHOOL, "t1")
    principal = Signer("principal", Role.SCHOOL_ADMIN, SCHOOL)
    signers = (teacher, principal)
    one, head = person("t1", Role.TEACHER), person("h", Role.SCHOOL_ADMIN)
    assert sign_offs.require_turn(signers, [], one) is teacher
    assert sign_offs.require_turn(signers, ["t1"], head) is principal
    both = Actor("t1", "client", frozenset({Role.TEACHER, Role.SCHOOL_ADMIN}), frozenset({"*"}), SCHOOL)
    refused = [
        (["t1", "h"], head, "sign_off.not_your_turn"),
        ([], head, "sign_off.not_your_turn"),
        ([], person("t2", Role.TEACHER), "sign_off.not_your_turn"),
        (["t1"], person("h", Role.SCHOOL_ADMIN, "99/9900/990001/2199000002/"), "sign_off.not_your_turn"),
        (["t1"], both, "sign_off.signed_already"),
    ]
    for signed_by, who, code in refused:
        with pytest.raises(DomainError) as error:
            sign_offs.require_turn(signers, signed_by, who)
        assert error.value.code == code
    sign_offs.require_same_content("a", "a")
    with pytest.raises(DomainError) as changed:
        sign_offs.require_same_content("a", "b")
    assert changed.value.code == "sign_off.content_changed"
