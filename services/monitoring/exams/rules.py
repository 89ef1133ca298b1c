"""Pure decisions about exams: their life, and the analysis plan that a definition means."""

from __future__ import annotations

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
from shared.workflow.transitions import Transition, TransitionTable


class ExamState(StrEnum):
    """States of an exam."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    SEALED = "sealed"
    ANALYZED = "analyzed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_S = ExamState
LIFE = TransitionTable[ExamState](
    (
        Transition("open", frozenset({_S.DRAFT, _S.COLLECTING}), _S.COLLECTING),
        Transition("seal", frozenset({_S.COLLECTING}), _S.SEALED),
        Transition("reopen", frozenset({_S.SEALED, _S.ANALYZED, _S.PUBLISHED, _S.WITHDRAWN}), _S.COLLECTING),
        Transition("analyze", frozenset({_S.SEALED, _S.ANALYZED}), _S.ANALYZED),
        Transition("publish", frozenset({_S.ANALYZED}), _S.PUBLISHED),
        Transition("withdraw", frozenset({_S.PUBLISHED}), _S.WITHDRAWN),
    )
)
#: A draft alone may be changed; what figures depend on is fixed once the first sheet can arrive.
EDITABLE = frozenset({ExamState.DRAFT})


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
