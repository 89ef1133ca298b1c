"""Pure decisions about exams: their life, and the analysis plan that a definition means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.scoring.plan import (
    AnalysisPlan,
    ComparisonAttribute,
    CompositeWeight,
    Direction,
    FitMethod,
    Grouping,
    OutcomeScale,
    Rate,
    ValueAddedModel,
)
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from shared.workflow.calendar import national_calendar
from shared.workflow.clocks import end_of
from shared.workflow.transitions import Transition, TransitionTable


class ExamState(StrEnum):
    """States of an exam."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    CHECKING = "checking"
    SEALED = "sealed"
    ANALYZED = "analyzed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


_S = ExamState
LIFE = TransitionTable[ExamState](
    (
        Transition("open", frozenset({_S.DRAFT, _S.COLLECTING}), _S.COLLECTING),
        Transition("check", frozenset({_S.COLLECTING}), _S.CHECKING),
        Transition("seal", frozenset({_S.CHECKING}), _S.SEALED),
        Transition(
            "reopen", frozenset({_S.CHECKING, _S.SEALED, _S.ANALYZED, _S.PUBLISHED, _S.WITHDRAWN}), _S.COLLECTING
        ),
        # For named schools: what all others have confirmed stays, and so does a published version until a newer one.
        Transition("reopen_schools", frozenset({_S.SEALED, _S.ANALYZED, _S.PUBLISHED, _S.WITHDRAWN}), _S.CHECKING),
        # A key found wrong after publication: the marks stand, the figures of the items have to be computed anew.
        Transition("correct_key", frozenset({_S.PUBLISHED, _S.WITHDRAWN}), _S.SEALED),
        Transition("analyze", frozenset({_S.SEALED, _S.ANALYZED}), _S.ANALYZED),
        Transition("publish", frozenset({_S.ANALYZED}), _S.PUBLISHED),
        Transition("withdraw", frozenset({_S.PUBLISHED}), _S.WITHDRAWN),
        Transition("archive", frozenset({_S.PUBLISHED}), _S.ARCHIVED),
    )
)
#: Steps that callers take at the address of another, with more in the body.
ADDRESS_OF_STEP: Mapping[str, str] = {"reopen_schools": "reopen", "correct_key": "papers:correct-key"}
#: A draft alone may be changed; what figures depend on is fixed once the first sheet can arrive.
EDITABLE = frozenset({ExamState.DRAFT})
#: States in which pupils and rows may be accounted for.
ACCOUNTING = frozenset({ExamState.COLLECTING, ExamState.CHECKING})
#: Days a window of checking may last.
WINDOW_DAYS = (1, 30)


def window_end(
    at: dt.datetime,
    *,
    days: int | None,
    ends_on: dt.date | None,
    zone: dt.tzinfo,
    working_days: int | None = None,
    bounds: tuple[int, int] = WINDOW_DAYS,
) -> dt.datetime:
    """When a window ends that is opened now: the end of its last civil day.

    Args:
        at: now.
        days: how many more days it lasts, today not counted; or
        ends_on: its last day.
        zone: the civil time of the place.
        working_days: how many more working days it lasts instead, by the national calendar.
        bounds: least and most days, or working days, it may last.

    Raises:
        DomainError: ``exam.window_out_of_bounds``.
    """
    today = at.astimezone(zone).date()
    shortest, longest = bounds
    length = working_days if working_days is not None else (ends_on - today).days if ends_on is not None else days or 0
    if not shortest <= length <= longest:
        raise DomainError("exam.window_out_of_bounds", params={"shortest": shortest, "longest": longest})
    if working_days is not None:
        return end_of(national_calendar().add_working_days(today, working_days), zone)
    return end_of(today + dt.timedelta(days=length), zone)


def require_sending(state: ExamState, *, resend_until: dt.datetime | None, at: dt.datetime) -> None:
    """Marks are taken while the exam collects them; in checking only from a school whose correction is under way.

    Raises:
        DomainError: ``exam.not_collecting``, ``exam.in_checking``.
    """
    if state is ExamState.CHECKING:
        if resend_until is None or at > resend_until:
            raise DomainError("exam.in_checking")
    elif state is not ExamState.COLLECTING:
        raise DomainError("exam.not_collecting", params={"state": state})


#: What of a definition the analysis of the mark sheets follows from.
_PLAN_FIELDS = ("rates", "composite", "min_n", "value_added_models", "comparison_attributes")
_GRID_FIELDS = ("code", "role", "full_mark", "step", "band_width")


def plan_fields(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The slice of a definition that :func:`analysis_plan` reads: names and other settings change no figure."""
    subjects = [{name: subject[name] for name in _GRID_FIELDS} for subject in definition["subjects"]]
    return {"subjects": subjects} | {name: definition[name] for name in _PLAN_FIELDS}


def analysis_plan(definition: Mapping[str, Any]) -> AnalysisPlan:
    """The plan that an exam's stored definition means.

    Raises:
        DomainError: ``scoring.plan_invalid`` with every contradiction.
    """
    subjects = {role: _subjects(definition, role) for role in ("outcome", "intake")}
    return AnalysisPlan(
        outcomes=subjects["outcome"],
        intakes=subjects["intake"],
        rates=tuple(
            Rate(rate["code"], Decimal(rate["threshold"]), Direction(rate["direction"])) for rate in definition["rates"]
        ),
        composite=tuple(
            CompositeWeight(entry["component"], Decimal(entry["weight"])) for entry in definition["composite"]
        ),
        min_n=definition["min_n"],
        models=tuple(
            ValueAddedModel(
                model["outcome"],
                tuple(model["intakes"]),
                scale=OutcomeScale(model["scale"]),
                method=FitMethod(model["method"]),
                compositional=model["compositional"],
            )
            for model in definition["value_added_models"]
        ),
        comparisons=tuple(
            ComparisonAttribute(attribute["code"], Grouping(attribute["grouping"]))
            for attribute in definition["comparison_attributes"]
        ),
    )


def _subjects(definition: Mapping[str, Any], role: str) -> tuple[Subject, ...]:
    return tuple(
        Subject(entry["code"], Decimal(entry["full_mark"]), Decimal(entry["step"]), Decimal(entry["band_width"]))
        for entry in definition["subjects"]
        if entry["role"] == role
    )
