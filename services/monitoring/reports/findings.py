"""What a report notices, from its own figures alone: every finding rests on an interval that does not hold 0, or a flag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from services.monitoring.reports.rules import Verdict
from shared.scoring.value_added.agreement import NOT_CLASSIFIABLE
from shared.scoring.value_added.labels import ValueAddedLabel


class FindingKind(StrEnum):
    """Kinds of findings; suggestions are kept by kind."""

    MEAN_BEHIND = "mean_behind"
    MEAN_AHEAD = "mean_ahead"
    FEWER_EXCELLENT = "fewer_excellent"
    FEWER_PASSING = "fewer_passing"
    MORE_LOW_SCORES = "more_low_scores"
    PARTICIPATION_BEHIND = "participation_behind"
    CLASSES_DIFFER = "classes_differ"
    KNOWLEDGE_GAP = "knowledge_gap"
    KNOWLEDGE_STRENGTH = "knowledge_strength"
    COMPETENCY_GAP = "competency_gap"
    COMPETENCY_STRENGTH = "competency_strength"
    COGNITIVE_LEVEL_GAP = "cognitive_level_gap"
    COGNITIVE_LEVEL_STRENGTH = "cognitive_level_strength"
    QUESTION_TYPE_GAP = "question_type_gap"
    QUESTION_TYPE_STRENGTH = "question_type_strength"
    ITEMS_BEHIND = "items_behind"
    DISTRACTOR_CHOSEN_MORE = "distractor_chosen_more"
    KEY_IN_DOUBT = "key_in_doubt"
    VALUE_ADDED_BELOW = "value_added_below"
    VALUE_ADDED_ABOVE = "value_added_above"
    VALUE_ADDED_UNCLEAR = "value_added_unclear"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed.

    Args:
        kind: what.
        about: what it concerns: names of knowledge points, codes of items or of options, in order of weight.
    """

    kind: FindingKind
    about: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the report holds it."""
        return {**asdict(self), "about": list(self.about)}


#: Rates that are noticed where they are worse than the reference's.
_RATES = {
    "excellent": FindingKind.FEWER_EXCELLENT,
    "pass": FindingKind.FEWER_PASSING,
    "low_score": FindingKind.MORE_LOW_SCORES,
}
_ABOVE = {ValueAddedLabel.WELL_ABOVE.value, ValueAddedLabel.ABOVE.value}
_BELOW = {ValueAddedLabel.WELL_BELOW.value, ValueAddedLabel.BELOW.value}
Section = Mapping[str, Any]


def findings(section: Section) -> list[Finding]:
    """Findings of one group's section, weightier kinds first."""
    return [
        *_of_figures(section),
        *_of_members(section),
        *_of_aspects(section),
        *_of_options(section["options"]),
        *_of_value_added(section["value_added"]),
    ]


def _of_figures(section: Section) -> Iterator[Finding]:
    against = next((gaps for gaps in section["group"]["gaps"] if gaps["reference"] == section["reference"]), None)
    if against is None:
        return
    if against["mean"]["verdict"] == Verdict.GAP:
        yield Finding(FindingKind.MEAN_BEHIND)
    if against["mean"]["verdict"] == Verdict.STRENGTH:
        yield Finding(FindingKind.MEAN_AHEAD)
    for rate in against["rates"]:
        if rate["code"] in _RATES and rate["verdict"] == Verdict.GAP:
            yield Finding(_RATES[rate["code"]])
    if against["participation"]["verdict"] == Verdict.GAP:
        yield Finding(FindingKind.PARTICIPATION_BEHIND)


def _of_members(section: Section) -> Iterator[Finding]:
    apart = [
        member["class_code"]
        for member in section["members"]
        if member["level"] == "class"
        and any(gap["mean"]["verdict"] in (Verdict.GAP, Verdict.STRENGTH) for gap in member["gaps"])
    ]
    if apart:
        yield Finding(FindingKind.CLASSES_DIFFER, tuple(str(code) for code in apart))


def _of_aspects(section: Section) -> Iterator[Finding]:
    kinds = (
        ("knowledge_points", FindingKind.KNOWLEDGE_GAP, FindingKind.KNOWLEDGE_STRENGTH),
        ("competencies", FindingKind.COMPETENCY_GAP, FindingKind.COMPETENCY_STRENGTH),
        ("cognitive_levels", FindingKind.COGNITIVE_LEVEL_GAP, FindingKind.COGNITIVE_LEVEL_STRENGTH),
        ("question_types", FindingKind.QUESTION_TYPE_GAP, FindingKind.QUESTION_TYPE_STRENGTH),
    )
    for name, gap, strength in kinds:
        found = section[name]
        if found is None:
            continue
        for kind, side in ((gap, Verdict.GAP), (strength, Verdict.STRENGTH)):
            if found[side.value]:
                yield Finding(kind, tuple(aspect["code"] for aspect in found[side.value]))
    if section["items"] is not None and section["items"]["behind"]:
        yield Finding(FindingKind.ITEMS_BEHIND, tuple(section["items"]["behind"]))


def _of_options(items: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    doubtful = [item["code"] for item in items if any(option["outdraws_key_at_top"] for option in item["options"])]
    if doubtful:
        yield Finding(FindingKind.KEY_IN_DOUBT, tuple(doubtful))
    drawn = [
        f"{item['code']}{option['option']}"
        for item in items
        for option in item["options"]
        if option["option"] is not None
        and not option["is_key"]
        and any(own["verdict"] == Verdict.STRENGTH for own in option["own_shares"])
    ]
    if drawn:
        yield Finding(FindingKind.DISTRACTOR_CHOSEN_MORE, tuple(drawn))


def _of_value_added(models: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    labels = {model["label"] for model in models}
    if labels & _BELOW:
        yield Finding(FindingKind.VALUE_ADDED_BELOW)
    elif NOT_CLASSIFIABLE in labels:
        yield Finding(FindingKind.VALUE_ADDED_UNCLEAR)
    elif labels & _ABOVE:
        yield Finding(FindingKind.VALUE_ADDED_ABOVE)
