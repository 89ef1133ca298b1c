"""May this exam be held? The law's answer, from dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.terms.errors import DomainError

_FILE = Path(__file__).with_name("exam_kinds.yaml")


@dataclass(frozen=True, slots=True)
class LegalRule:
    """A rule and the document it stands in."""

    id: str
    title: Mapping[str, str]
    in_force_from: dt.date
    verified: bool


@dataclass(frozen=True, slots=True)
class ExamKind:
    """A kind of exam the law knows.

    Args:
        code: e.g. ``sample_monitoring``.
        name: in ``zh`` and ``en``.
        grades: grades it may be held for.
        most_per_school_year: how often, or ``None`` where no number is fixed.
        cross_school: whether more than one school may take part.
        sample_only: whether it must be a sample of schools or pupils, never all.
        draws_lines: whether lines on the total may be drawn for the city's own observation.
        rule: what it rests on.
    """

    code: str
    name: Mapping[str, str]
    grades: frozenset[int]
    most_per_school_year: int | None
    cross_school: bool
    sample_only: bool
    draws_lines: bool
    rule: LegalRule


@dataclass(frozen=True, slots=True)
class ExamProposal:
    """What is asked for, as far as the law cares.

    Args:
        kind: code of the kind.
        grade_level: 1 to 12.
        is_sample: whether a sample of schools or pupils takes part.
        school_count: schools taking part, or ``None`` for all there are.
        held_already: exams of this kind already registered for the grade and school year in the same area.
        approval_document: number of a document that approves a departure, if there is one.
    """

    kind: str
    grade_level: int
    is_sample: bool
    school_count: int | None
    held_already: int = 0
    approval_document: str | None = None


@cache
def exam_kinds() -> Mapping[str, ExamKind]:
    """Every kind by code."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    rules = {
        rule_id: LegalRule(rule_id, entry["title"], entry["in_force_from"], entry["verified"])
        for rule_id, entry in content["rules"].items()
    }
    return {code: _kind(code, entry, rules) for code, entry in content["kinds"].items()}


def _kind(code: str, entry: Mapping[str, Any], rules: Mapping[str, LegalRule]) -> ExamKind:
    return ExamKind(
        code=code,
        name=entry["name"],
        grades=frozenset(entry["grades"]),
        most_per_school_year=entry.get("most_per_school_year"),
        cross_school=entry["cross_school"],
        sample_only=entry.get("sample_only", False),
        draws_lines=entry.get("draws_lines", False),
        rule=rules[entry["rule"]],
    )


def objections(proposal: ExamProposal) -> Sequence[DomainError]:
    """Every legal objection to an exam, each citing its rule; empty when it may be held."""
    kind = exam_kinds().get(proposal.kind)
    if kind is None:
        return [DomainError("exam.kind_unknown", params={"kind": proposal.kind, "allowed": ", ".join(exam_kinds())})]
    found = []
    if proposal.grade_level not in kind.grades:
        allowed = ", ".join(map(str, sorted(kind.grades)))
        found.append(_objection("exam.grade_not_allowed", kind, grade=proposal.grade_level, allowed=allowed))
    if kind.sample_only and not proposal.is_sample:
        found.append(_objection("exam.must_be_sample", kind))
    if not kind.cross_school and proposal.school_count != 1:
        found.append(_objection("exam.one_school_only", kind))
    if kind.most_per_school_year is not None and proposal.held_already >= kind.most_per_school_year:
        found.append(_objection("exam.held_too_often", kind, most=kind.most_per_school_year))
    return found


def require_lawful(proposal: ExamProposal) -> tuple[str, ...]:
    """Refuses an exam the law does not know, unless a document approves it.

    Returns:
        Codes of the objections that the approval document overrides; for the audit log. Empty when there were none.

    Raises:
        DomainError: the first objection; an unknown kind cannot be approved.
    """
    found = objections(proposal)
    if found and (proposal.approval_document is None or found[0].code == "exam.kind_unknown"):
        raise found[0]
    return tuple(objection.code for objection in found)


def require_lines_lawful(kind: str) -> None:
    """Refuses lines and the choice of subjects for exams that lead nowhere: marks there are no admission.

    Raises:
        DomainError: ``exam.lines_not_allowed`` with the rule.
    """
    known = exam_kinds()[kind]
    if not known.draws_lines:
        raise _objection("exam.lines_not_allowed", known)


def _objection(code: str, kind: ExamKind, **params: object) -> DomainError:
    title = kind.rule.title["zh"]
    return DomainError(code, params={"kind": kind.name["zh"], "rule": f"{kind.rule.id} {title}", **params})
