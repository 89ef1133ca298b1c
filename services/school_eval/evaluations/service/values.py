"""Entering values, and judging them: every word is kept, the last one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.evaluations import repository
from services.school_eval.evaluations.rules import (
    ENTERING,
    Action,
    EvaluationState,
    Judge,
    codes_above,
    leaves_for,
    require_delegated,
)
from services.school_eval.evaluations.service.opened import Opened, keep, require_known
from services.school_eval.evaluations.tables import LeafValue
from shared.kernel import clock
from shared.kits.schemes.said import EntryIn, JudgementIn
from shared.scoring.scheme.entered_values import canonical
from shared.scoring.scheme.tree import Evaluator, Leaf
from shared.terms.actor import Role
from shared.terms.errors import DomainError, Fault

#: Who judges in which state of the campaign, and whose evaluations: those that the step before has left.
_TURNS = {
    Evaluator.COUNTY: (CampaignState.COUNTY_REVIEW, EvaluationState.SUBMITTED, Judge.COUNTY),
    Evaluator.CITY: (CampaignState.CITY_VERIFICATION, EvaluationState.REVIEWED, Judge.CITY),
}


async def enter_values(session: AsyncSession, *, opened: Opened, items: Sequence[EntryIn]) -> None:
    """The school enters values, all or none of them.

    Raises:
        DomainError: ``campaign.not_now``, ``campaign.window_over``, ``evaluation.not_now``, ``evaluation.not_delegated``,
            ``request.invalid`` with every fault.
    """
    require_entering(opened)
    require_known(opened, [item.leaf for item in items])
    await _require_mine(session, opened, [item.leaf for item in items])
    own = {leaf.code for leaf in leaves_for(opened.scheme, opened.evaluation.attributes, Evaluator.SCHOOL)}
    faults, values = [], []
    for place, item in enumerate(items):
        leaf = opened.leaves[item.leaf]
        if item.leaf not in own:
            faults.append(_fault("evaluation.leaf_not_entered", place, "leaf", leaf))
            continue
        value, fault = _canonical(leaf, item.value, place)
        if fault is not None:
            faults.append(fault)
        elif value is None and item.note is None:
            faults.append(_fault("evaluation.absence_unexplained", place, "note", leaf))
        values.append(_word(leaf.code, value, Action.ENTERED, item.note))
    if faults:
        raise DomainError("request.invalid", faults=faults)
    await _write(session, opened, Judge.SCHOOL, values)


def require_entering(opened: Opened) -> None:
    """Whether the school may enter now: while it evaluates itself, or later what was returned to it."""
    if opened.evaluation.state == EvaluationState.RETURNED:
        opened.require_campaign(CampaignState.SELF_EVALUATION, CampaignState.COUNTY_REVIEW)
    else:
        opened.require_campaign(CampaignState.SELF_EVALUATION)
    opened.require_state(ENTERING)


async def judge_values(
    session: AsyncSession, *, opened: Opened, items: Sequence[JudgementIn], evaluator: Evaluator
) -> None:
    """County or city confirms values, changes them with a reason, or gives those that it alone gives.

    Raises:
        DomainError: ``campaign.not_now``, ``campaign.window_over``, ``evaluation.not_now``, ``request.invalid`` with every
            fault.
    """
    campaign_state, evaluation_state, judge = _TURNS[evaluator]
    opened.require_campaign(campaign_state)
    opened.require_state({evaluation_state})
    require_known(opened, [item.leaf for item in items])
    allowed = {leaf.code for leaf in judged_leaves(opened, evaluator)}
    held = await repository.values_of(session, opened.actor, opened.evaluation.id)
    faults, values = [], []
    for place, item in enumerate(items):
        leaf = opened.leaves[item.leaf]
        if item.leaf not in allowed:
            faults.append(_fault("evaluation.leaf_not_judged", place, "leaf", leaf))
            continue
        word, fault = _judgement(leaf, item, held.get(item.leaf), place)
        if fault is not None:
            faults.append(fault)
        elif word is not None:
            values.append(word)
    if faults:
        raise DomainError("request.invalid", faults=faults)
    await _write(session, opened, judge, values)


def judged_leaves(opened: Opened, evaluator: Evaluator) -> list[Leaf]:
    """Leaves that county or city judges of this school: the city those of drawn schools, and what nobody else gives."""
    leaves = leaves_for(opened.scheme, opened.evaluation.attributes, evaluator)
    if evaluator is not Evaluator.CITY or opened.evaluation.is_drawn:
        return leaves
    return [leaf for leaf in leaves if leaf.evaluators == (Evaluator.CITY,)]


def _judgement(
    leaf: Leaf, item: JudgementIn, held: LeafValue | None, place: int
) -> tuple[dict[str, Any] | None, Fault | None]:
    if not item.is_change:
        if held is None:
            return None, _fault("evaluation.nothing_to_confirm", place, "value", leaf)
        return _word(leaf.code, held.value, Action.CONFIRMED, item.reason), None
    value, fault = _canonical(leaf, item.value, place)
    if fault is not None:
        return None, fault
    if held is not None and held.value == value:
        return _word(leaf.code, value, Action.CONFIRMED, item.reason), None
    if item.reason is None and (held is not None or value is None):
        return None, _fault("evaluation.change_unexplained", place, "reason", leaf)
    return _word(leaf.code, value, Action.ENTERED if held is None else Action.CHANGED, item.reason), None


async def _require_mine(session: AsyncSession, opened: Opened, leaves: Sequence[str]) -> None:
    """The school's head enters everything; others what was delegated to them."""
    if Role.SCHOOL_ADMIN in opened.actor.roles:
        return
    rows = await repository.active_delegations(session, opened.actor, opened.evaluation.id)
    mine = {row.node for row in rows if row.account == opened.actor.subject}
    require_delegated(leaves, delegated=mine, above=codes_above(opened.scheme))


async def set_value(
    session: AsyncSession, *, opened: Opened, leaf: str, value: str | None, judge: Judge, reason: str
) -> None:
    """Puts a value in force that follows from a decision: a dispute, the ruling of an appeal."""
    await _write(session, opened, judge, [_word(leaf, value, Action.CHANGED, reason)])


async def note_returned(
    session: AsyncSession, *, opened: Opened, leaves: Mapping[str, str | None], judge: Judge
) -> None:
    """Keeps in the history that values were returned; what counts stays until the school enters anew."""
    held = await repository.held_values(session, opened.actor, opened.evaluation.id)
    words = [
        _word(code, held[code].value if code in held else None, Action.RETURNED, why) for code, why in leaves.items()
    ]
    _, history = _rows(opened, judge, words)
    await repository.write_values(session, [], history)


async def _write(session: AsyncSession, opened: Opened, judge: Judge, words: Sequence[dict[str, Any]]) -> None:
    rows, history = _rows(opened, judge, words)
    if judge is not Judge.SCHOOL:
        held = await repository.values_of(session, opened.actor, opened.evaluation.id)
        for row in rows:
            known = held.get(row["leaf"])
            row["school_value"] = known.school_value if known else None
    await repository.write_values(session, rows, history)
    counts = {action.value: sum(word["action"] == action for word in words) for action in Action}
    await keep(session, opened, f"values_set_by_{judge}", detail={name: n for name, n in counts.items() if n})


def _rows(
    opened: Opened, judge: Judge, words: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of values and of their history."""
    row, actor, at = opened.evaluation, opened.actor, clock.now()
    shared = {
        "evaluation_id": row.id,
        "org_path": row.org_path,
        "judge": judge.value,
        "set_by": actor.subject,
        "set_at": at,
    }
    values = [shared | word | {"school_value": word["value"] if judge is Judge.SCHOOL else None} for word in words]
    return values, [shared | word | {"author_org": actor.org} for word in words]


def _word(leaf: str, value: str | None, action: Action, note: str | None) -> dict[str, Any]:
    return {"leaf": leaf, "value": value, "action": action.value, "note": note}


def _canonical(leaf: Leaf, value: Any, place: int) -> tuple[str | None, Fault | None]:
    try:
        return canonical(leaf, value), None
    except ValueError as error:
        pointer = f"/items/{place}/value"
        params = {"leaf": leaf.code, "allowed": str(error)}
        return None, Fault("evaluation.value_invalid", pointer=pointer, allowed=str(error), params=params)


def _fault(code: str, place: int, member: str, leaf: Leaf) -> Fault:
    return Fault(code, pointer=f"/items/{place}/{member}", params={"leaf": leaf.code})
