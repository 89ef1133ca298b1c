"""When may a paper with its keys be seen? From dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.exam_kinds import LegalRule
from shared.terms.actor import Actor

_FILE = Path(__file__).with_name("papers.yaml")


@dataclass(frozen=True, slots=True)
class PaperDisclosure:
    """Whether one caller is shown an exam's papers, from which day others than its holder are, and by which rule."""

    is_shown: bool
    opens_on: dt.date
    rule: LegalRule


@cache
def _policy() -> Mapping[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    content["rules"] = {
        rule_id: LegalRule(rule_id, entry["title"], entry["in_force_from"], entry["verified"])
        for rule_id, entry in content["rules"].items()
    }
    return content


def paper_disclosure(
    actor: Actor, *, holder: str, held_on: dt.date, is_collecting: bool, today: dt.date
) -> PaperDisclosure:
    """Whether a caller is shown the papers of an exam.

    Args:
        actor: the caller.
        holder: organization path of whoever holds the exam.
        held_on: the (first) day of the exam.
        is_collecting: whether its collection has been opened, now or earlier.
        today: the day, in China.
    """
    policy = _policy()
    opening = policy["opening"]
    opens_on = held_on + dt.timedelta(days=opening["days_after_held_on"])
    is_open = is_collecting and today >= opens_on
    return PaperDisclosure(actor.covers(holder) or is_open, opens_on, policy["rules"][opening["rule"]])
