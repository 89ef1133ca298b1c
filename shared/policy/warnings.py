"""Early warnings as data: which figures call for one, who answers, by when, and what no rule may look at."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.exam_kinds import LegalRule
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel

_FILE = Path(__file__).with_name("warnings.yaml")
DAYS_TO_RESPOND = "working_days_to_respond"


class Severity(StrEnum):
    """How serious a warning is, the mildest first."""

    NOTICE = "notice"
    MODERATE = "moderate"
    SEVERE = "severe"
    CRITICAL = "critical"


class WarningAction(StrEnum):
    """What a warning asks of its owner: rectification (整改), accountability review (问责), teaching support, verification,
    reporting. None follows by itself: a person decides."""

    RECTIFICATION = "rectification"
    ACCOUNTABILITY_REVIEW = "accountability_review"
    TEACHING_SUPPORT = "teaching_support"
    VERIFICATION = "verification"
    REPORTING = "reporting"


@dataclass(frozen=True, slots=True)
class WarningParameter:
    """A parameter of a rule and what a bureau may set it to: a number between two, or one of some words.

    Args:
        name: in ``zh`` and ``en``.
        default: used where no bureau has set another.
        least: smallest number allowed; ``None`` for words.
        most: largest number allowed; ``None`` for words.
        choices: words allowed; empty for numbers.
        verified: whether the default was checked against an official text.
    """

    name: Mapping[str, str]
    default: float | str
    least: float | None
    most: float | None
    choices: tuple[str, ...]
    verified: bool

    def allows(self, value: object) -> bool:
        """Whether a bureau may set this value; whole numbers stay whole."""
        if self.choices:
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, int | float) or self.least is None or self.most is None:
            return False
        return self.least <= value <= self.most and (isinstance(value, int) or not isinstance(self.default, int))

    @property
    def allowed(self) -> str:
        """What may be set, in words for an error."""
        return ", ".join(self.choices) or f"{self.least}–{self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRule:
    """One rule.

    Args:
        code: e.g. ``low_score_rate``.
        name: in ``zh`` and ``en``.
        detector: what finds the schools.
        table: the table it looks at.
        measures: figures of the table it judges by.
        subject: ``outcome`` where each subject is judged, ``school`` where the school as a whole is.
        kinds: kinds of exam it applies to.
        severity: of a finding.
        weaker_severity: of a weaker finding; ``None`` for rules that know none.
        action: what is asked for.
        owner: level of the organization that answers.
        covered_by: a rule whose finding makes the same one of this rule needless.
        parameters: by name.
        rule: the document it rests on.
        in_force_from: exams held earlier raise no such warning.
        verified: whether the rule was checked against the document.
    """

    code: str
    name: Mapping[str, str]
    detector: str
    table: str
    measures: tuple[str, ...]
    subject: str
    kinds: frozenset[str]
    severity: Severity
    weaker_severity: Severity | None
    action: WarningAction
    owner: OrgLevel
    covered_by: str | None
    parameters: Mapping[str, WarningParameter]
    rule: LegalRule
    in_force_from: dt.date
    verified: bool

    def applies_to(self, *, kind: str, held_on: dt.date) -> bool:
        """Whether exams of a kind held on a day can raise it."""
        return kind in self.kinds and held_on >= max(self.in_force_from, self.rule.in_force_from)


@cache
def warning_rules() -> Mapping[str, WarningRule]:
    """Every rule by code.

    Raises:
        DomainError: ``warning_rule.unlawful`` when the file holds a rule that the law refuses.
    """
    rules = {code: _rule(code, entry) for code, entry in _content()["warnings"].items()}
    for rule in rules.values():
        require_lawful_rule(rule)
    return rules


def rule_objections(rule: WarningRule) -> Sequence[LegalRule]:
    """The documents that forbid a rule: looking at entrance rates at all, or at levels of marks in entrance exams."""
    refused, found = _content()["refused"], []
    entrance = refused["entrance_rates"]
    if any(re.search(entrance["pattern"], name) for name in (rule.table, *rule.measures)):
        found.append(_legal_rules()[entrance["rule"]])
    levels = refused["mark_levels"]
    judged = rule.table in levels["allowed_tables"] or set(rule.measures) <= set(levels["allowed_measures"])
    if rule.kinds & set(levels["kinds"]) and not judged:
        found.append(_legal_rules()[levels["rule"]])
    return found


def require_lawful_rule(rule: WarningRule) -> None:
    """Refuses a rule that warns by what must not be judged.

    Raises:
        DomainError: ``warning_rule.unlawful`` citing the first document.
    """
    for objection in rule_objections(rule):
        cited = f"{objection.id} {objection.title['zh']}"
        looks_at = ", ".join((rule.table, *rule.measures))
        raise DomainError("warning_rule.unlawful", params={"code": rule.code, "looks_at": looks_at, "rule": cited})


def effective_parameters(rule: WarningRule, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter of a rule: the bureau's where it set one, else the default."""
    return {name: given.get(name, parameter.default) for name, parameter in rule.parameters.items()}


def require_parameters_allowed(rule: WarningRule, given: Mapping[str, Any]) -> None:
    """Refuses parameters that a rule does not have, or values outside its bounds.

    Raises:
        DomainError: ``warning_rule.parameters_refused`` with every fault.
    """
    faults = []
    for name, value in given.items():
        parameter = rule.parameters.get(name)
        pointer = f"/parameters/{name}"
        if parameter is None:
            faults.append(Fault("field.unknown", pointer=pointer, allowed=", ".join(rule.parameters)))
        elif not parameter.allows(value):
            faults.append(
                Fault("warning_rule.out_of_bounds", pointer=pointer, value=str(value)[:40], allowed=parameter.allowed)
            )
    if faults:
        raise DomainError("warning_rule.parameters_refused", params={"code": rule.code}, faults=faults)


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content


@cache
def _legal_rules() -> Mapping[str, LegalRule]:
    return {
        rule_id: LegalRule(rule_id, entry["title"], entry["in_force_from"], entry["verified"])
        for rule_id, entry in _content()["rules"].items()
    }


def _rule(code: str, entry: Mapping[str, Any]) -> WarningRule:
    looks_at, weaker = entry["looks_at"], entry.get("weaker_severity")
    return WarningRule(
        code=code,
        name=entry["name"],
        detector=entry["detector"],
        table=looks_at["table"],
        measures=tuple(looks_at["measures"]),
        subject=looks_at["subject"],
        kinds=frozenset(entry["kinds"]),
        severity=Severity(entry["severity"]),
        weaker_severity=Severity(weaker) if weaker else None,
        action=WarningAction(entry["action"]),
        owner=OrgLevel(entry["owner"]),
        covered_by=entry.get("covered_by"),
        parameters={name: _parameter(parameter) for name, parameter in entry["parameters"].items()},
        rule=_legal_rules()[entry["rule"]],
        in_force_from=entry["in_force_from"],
        verified=entry["verified"],
    )


def _parameter(entry: Mapping[str, Any]) -> WarningParameter:
    return WarningParameter(
        name=entry["name"],
        default=entry["default"],
        least=entry.get("least"),
        most=entry.get("most"),
        choices=tuple(entry.get("choices", ())),
        verified=entry["verified"],
    )
