"""Who sees what of an exam's results: one decision for every representation, from dated data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.exam_kinds import LegalRule
from shared.terms.actor import Actor, Role
from shared.terms.education import Stage
from shared.terms.organization import OrgLevel, path_segments

_FILE = Path(__file__).with_name("visibility.yaml")
#: How many segments of a path name the organization that holds counties' codes: province, city, county.
_AREA_DEPTH = 3


class Reach(StrEnum):
    """Which rows of a level are shown."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


class RankDisclosure(StrEnum):
    """Whether a candidate's rank and what can be computed back to it is shown."""

    NEVER = "never"
    ON_REQUEST = "on_request"


class SlipDisclosure(StrEnum):
    """What one pupil and the guardians are told."""

    GRADES = "grades"
    MARKS = "marks"


class PupilsToHelp(StrEnum):
    """Of which candidates a quality report may say that they need help."""

    NONE = "none"
    NAMED_CLASSES = "named_classes"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one thing, and the rule it rests on."""

    about: str
    answer: str
    rule: LegalRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultVisibility:
    """What one caller sees of one exam's results.

    Args:
        org: organization path of the caller.
        level: its level.
        reach: rows shown, by level of the group they describe.
        own_school: the caller's school, whose small groups stay whole; ``None`` above schools.
        least_other_schools: an aggregate that holds the caller's school is shown if at least so many others are in it.
        sees_candidates: whether named candidates of the own school are shown.
        candidate_ranks: whether their ranks and percentiles are.
        sees_school_ranks: whether ranks of schools inside comparison groups are shown.
        pupils_to_help: of which candidates of the own school a report may say that they need help.
        sees_answer_options: whether the answers chosen are shown, option by option.
        decisions: each of the above with its rule, for the record.
    """

    org: str
    level: OrgLevel
    reach: Mapping[OrgLevel, Reach]
    own_school: str | None
    least_other_schools: int
    sees_candidates: bool
    candidate_ranks: RankDisclosure
    sees_school_ranks: bool
    decisions: tuple[Decision, ...]
    sees_answer_options: bool = False
    pupils_to_help: PupilsToHelp = PupilsToHelp.NONE

    @property
    def area(self) -> str:
        """What the code of every county inside the caller's area begins with (the county itself, at and below it)."""
        return path_segments(self.org)[:_AREA_DEPTH][-1]

    @property
    def sees_nothing(self) -> bool:
        """Whether no row of any level is shown."""
        return all(reach is Reach.NONE for reach in self.reach.values())

    def shows(self, level: OrgLevel, *, county_code: str | None = None, school_code: str | None = None) -> bool:
        """Whether the row of a group is shown (that it may still be withheld for being small is another matter)."""
        reach = self.reach.get(level, Reach.NONE)
        if reach is not Reach.OWN:
            return reach is Reach.ALL
        if county_code is None or not county_code.startswith(self.area):
            return False
        below_county = level in (OrgLevel.SCHOOL, OrgLevel.CLASS)
        return not below_county or self.own_school is None or school_code == self.own_school

    def shows_name(self, *, county_code: str, school_code: str) -> bool:
        """Whether a school may be named to the caller: where its row is shown, and nowhere else."""
        return self.shows(OrgLevel.SCHOOL, county_code=county_code, school_code=school_code)


@cache
def _policy() -> Mapping[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    content["rules"] = {
        rule_id: LegalRule(rule_id, entry["title"], entry["in_force_from"], entry["verified"])
        for rule_id, entry in content["rules"].items()
    }
    return content


@cache
def policy_digest() -> str:
    """SHA-256 of the policy's text: a copy made under another text is another copy."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()


def result_visibility(actor: Actor, *, stage: Stage, exam_kind: str) -> ResultVisibility:
    """What a caller sees of the results of one exam.

    Args:
        actor: the caller.
        stage: stage of the exam's grade.
        exam_kind: code of the exam's kind.
    """
    policy = _policy()
    rows = policy["rows"][actor.level.value]
    allowed = bool(actor.roles & {Role(name) for name in policy["roles"]["allowed"]})
    reach = {level: Reach(rows[level.value]) if allowed else Reach.NONE for level in OrgLevel if level.value in rows}
    candidates = policy["candidates"]
    sees_candidates = actor.level.value == candidates["level"] and bool(
        actor.roles & {Role(name) for name in candidates["roles"]}
    )
    ranks = candidates["ranks"][stage.value]
    options = bool(actor.roles & {Role(name) for name in policy["answer_options"]["roles"]})
    ranked = exam_kind not in policy["school_ranks"]["withheld_for_kinds"]
    pupils = _pupils_to_help(actor, policy["pupils_to_help"])
    below_county = actor.level in (OrgLevel.SCHOOL, OrgLevel.CLASS)
    return ResultVisibility(
        org=actor.org,
        level=actor.level,
        reach=reach,
        own_school=path_segments(actor.org)[_AREA_DEPTH] if below_county else None,
        least_other_schools=policy["aggregates_towards_schools"]["least_other_schools"] if below_county else 0,
        sees_candidates=sees_candidates,
        candidate_ranks=RankDisclosure(ranks["shown"]),
        sees_school_ranks=ranked,
        sees_answer_options=allowed and options,
        pupils_to_help=pupils,
        decisions=(
            _decision("roles", "shown" if allowed else "nothing", policy["roles"]),
            _decision("rows", ", ".join(f"{level.value} {what.value}" for level, what in reach.items()), rows),
            _decision("small_groups", policy["small_groups"]["whole_for"], policy["small_groups"]),
            _decision("candidates", "shown" if sees_candidates else "withheld", candidates),
            _decision("candidate_ranks", ranks["shown"], ranks),
            _decision("school_ranks", "shown" if ranked else "withheld", policy["school_ranks"]),
            _decision("pupils_to_help", pupils.value, policy["pupils_to_help"]),
            _decision("answer_options", "shown" if allowed and options else "withheld", policy["answer_options"]),
        ),
    )


def slip_disclosure(stage: Stage) -> tuple[SlipDisclosure, LegalRule]:
    """What the slip of one pupil may tell in a stage, and the rule it rests on."""
    entry = _policy()["slips"][stage.value]
    return SlipDisclosure(entry["discloses"]), _policy()["rules"][entry["rule"]]


def _pupils_to_help(actor: Actor, entry: Mapping[str, Any]) -> PupilsToHelp:
    if actor.level.value != entry["level"] or not actor.roles & {Role(name) for name in entry["roles"]}:
        return PupilsToHelp.NONE
    whole = actor.roles & {Role(name) for name in entry["whole_school_for"]}
    return PupilsToHelp.SCHOOL if whole else PupilsToHelp.NAMED_CLASSES


def _decision(about: str, answer: str, entry: Mapping[str, Any]) -> Decision:
    return Decision(about, answer, _policy()["rules"][entry["rule"]])
