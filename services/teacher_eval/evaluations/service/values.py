"""Entering values and judging them: every word is kept, the last one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository as cycles
from services.teacher_eval.cycles.service import SchoolOpened, keep_school
from services.teacher_eval.cycles.units import attributes_of
from services.teacher_eval.evaluations import repository
from services.teacher_eval.evaluations.rules import TURNS, Action, Held, Judge, is_above, leaves_of, require_other
from services.teacher_eval.evaluations.schemas import BallotIn
from services.teacher_eval.evaluations.service.opened import Opened, keep_member, require_known
from shared.kernel import clock
from shared.kits.schemes.said import EntryIn, JudgementIn
from shared.scoring.scheme.entered_values import canonical
from shared.scoring.scheme.tree import Leaf
from shared.terms.errors import DomainError, Fault


async def enter_own(session: AsyncSession, *, opened: Opened, items: Sequence[EntryIn]) -> None:
    """The person enters values, all or none of them.

    Raises:
        DomainError: ``cycle.not_now``, ``evaluation.submitted``, ``request.invalid`` with every fault.
    """
    opened.require(TURNS[Judge.SELF])
    if "submitted" in opened.member.done:
        raise DomainError("evaluation.submitted")
    require_known(opened, [item.leaf for item in items])
    own = {leaf.code for leaf in leaves_of(opened.scheme, opened.attributes, Judge.SELF)}
    faults, words = [], []
    for place, item in enumerate(items):
        leaf = opened.leaves[item.leaf]
        if item.leaf not in own:
            faults.append(_fault("evaluation.leaf_not_entered", place, "leaf", leaf))
            continue
        value, fault = _canonical(leaf, item.value, place)
        if fault is None and value is None and item.note is None:
            fault = _fault("evaluation.absence_unexplained", place, "note", leaf)
        if fault is not None:
            faults.append(fault)
        words.append(_word(leaf.code, value, Action.ENTERED, item.note))
    await _write(session, opened, Judge.SELF, words, faults)


async def judge_values(session: AsyncSession, *, opened: Opened, judge: Judge, items: Sequence[JudgementIn]) -> None:
    """School or county confirms values, changes them with a reason, or gives those that it alone gives.

    Raises:
        DomainError: ``cycle.not_now``, ``evaluation.own``, ``request.invalid`` with every fault.
    """
    opened.require(TURNS[judge])
    require_other(opened.actor, opened.member.staff_key)
    require_known(opened, [item.leaf for item in items])
    allowed = {leaf.code for leaf in leaves_of(opened.scheme, opened.attributes, judge)}
    held = await repository.held_of(session, opened.actor, opened.member.id)
    faults, words = [], []
    for place, item in enumerate(items):
        leaf = opened.leaves[item.leaf]
        if item.leaf not in allowed:
            faults.append(_fault("evaluation.leaf_not_judged", place, "leaf", leaf))
            continue
        word, fault = _judgement(leaf, item, held.get(item.leaf), judge, place)
        if fault is not None:
            faults.append(fault)
        elif word is not None:
            words.append(word)
    await _write(session, opened, judge, words, faults)


async def record_ballots(
    session: AsyncSession, *, opened: SchoolOpened, leaf: str, source: str, items: Sequence[BallotIn]
) -> None:
    """The outcome of a democratic appraisal, for many people at once, all or none of them.

    Args:
        session: the transaction.
        opened: the school, locked.
        leaf: the leaf it is the value of.
        source: the record of the vote, e.g. its minutes.
        items: outcome and valid ballots of each person.

    Raises:
        DomainError: ``cycle.not_now``, ``request.invalid`` with every fault: too few ballots, people or leaves unknown.
    """
    opened.require(TURNS[Judge.APPRAISERS])
    require_known(opened, [leaf], pointer="/leaf")
    which, least = opened.leaves[leaf], opened.cycle.definition["least_ballots"]
    members = {row.staff_key: row for row in await cycles.all_members(session, opened.actor, opened.school)}
    faults: list[Fault] = []
    rows: list[dict[str, Any]] = []
    for place, item in enumerate(items):
        member = members.get(item.staff_key)
        if member is None:
            params = {"staff_key": item.staff_key}
            faults.append(Fault("evaluation.member_unknown", pointer=f"/items/{place}/staff_key", params=params))
            continue
        if which not in leaves_of(opened.scheme, attributes_of(opened.school, member), Judge.APPRAISERS):
            faults.append(_fault("evaluation.leaf_not_judged", place, "staff_key", which))
        if item.ballots < least:
            counts: dict[str, Any] = {"ballots": item.ballots, "least": least}
            faults.append(Fault("evaluation.ballots_too_few", pointer=f"/items/{place}/ballots", params=counts))
        value, fault = _canonical(which, item.value, place)
        faults += [fault] if fault else []
        word = _word(leaf, value, Action.ENTERED, source) | {"ballots": item.ballots}
        rows.append(
            _row(Opened(opened.cycle, opened.school, opened.scheme, opened.actor, member), word, Judge.APPRAISERS)
        )
    if faults:
        raise DomainError("request.invalid", faults=faults)
    await repository.add_entries(session, rows)
    await keep_school(session, opened, "appraised", detail={"leaf": leaf, "members": len(rows)})


async def set_value(
    session: AsyncSession, *, opened: Opened, leaf: str, value: str | None, judge: Judge, reason: str
) -> None:
    """Puts a value in force that follows from a decision: a dispute, the ruling of an objection."""
    await _write(session, opened, judge, [_word(leaf, value, Action.CHANGED, reason)], [])


def _judgement(
    leaf: Leaf, item: JudgementIn, held: Held | None, judge: Judge, place: int
) -> tuple[dict[str, Any] | None, Fault | None]:
    if held is not None and is_above(held.judge, judge):
        return None, _fault("evaluation.judged_above", place, "leaf", leaf)
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


async def _write(
    session: AsyncSession,
    opened: Opened,
    judge: Judge,
    words: Sequence[Mapping[str, Any]],
    faults: Sequence[Fault],
) -> None:
    if faults:
        raise DomainError("request.invalid", faults=faults)
    await repository.add_entries(session, [_row(opened, word, judge) for word in words])
    await keep_member(session, opened, f"values_set_by_{judge}", detail={"leaves": len(words)})


def _row(opened: Opened, word: Mapping[str, Any], judge: Judge) -> dict[str, Any]:
    return {
        "ballots": None,
        **word,
        "member_id": opened.member.id,
        "org_path": opened.school.org_path,
        "judge": judge.value,
        "author_org": opened.actor.org,
        "set_by": opened.actor.subject,
        "set_at": clock.now(),
    }


def _word(leaf: str, value: str | None, action: Action, note: str | None) -> dict[str, Any]:
    return {"leaf": leaf, "value": value, "action": action.value, "note": note}


def _canonical(leaf: Leaf, value: Any, place: int) -> tuple[str | None, Fault | None]:
    try:
        return canonical(leaf, value), None
    except ValueError as error:
        params = {"leaf": leaf.code, "allowed": str(error)}
        pointer = f"/items/{place}/value"
        return None, Fault("evaluation.value_invalid", pointer=pointer, allowed=str(error), params=params)


def _fault(code: str, place: int, member: str, leaf: Leaf) -> Fault:
    return Fault(code, pointer=f"/items/{place}/{member}", params={"leaf": leaf.code})
