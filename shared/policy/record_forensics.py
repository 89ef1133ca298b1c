"""What forensics of records goes by: parameters, how samples are drawn, and the words of findings. From dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("record_forensics.yaml")


class Severity(StrEnum):
    """How soon somebody should look."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class FindingWords:
    """A kind of finding.

    Args:
        severity: how soon somebody should look.
        marks_records: whether its records are drawn more often; what concerns a whole class marks none.
        name: by language.
        question: what is to be answered, by language.
    """

    severity: Severity
    marks_records: bool
    name: Mapping[str, str]
    question: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SampleRule:
    """How records are drawn for examination.

    Args:
        flagged_rate: share of the records that a finding concerns, rounded up, by class.
        other_rate: share of the others.
        least_each: fewest of every class and either kind, where there are as many.
        least_shown: examined records below which offices are shown no rate of a school.
    """

    flagged_rate: float
    other_rate: float
    least_each: int
    least_shown: int


@dataclass(frozen=True, slots=True)
class ForensicsPolicy:
    """The rules, with their source.

    Args:
        document: where they stand.
        in_force_from: first day.
        verified: whether they were compared with the text.
        parameters: numbers of the detectors, by name.
        sample: how records are drawn.
        findings: by code.
    """

    document: str
    in_force_from: dt.date
    verified: bool
    parameters: Mapping[str, Any]
    sample: SampleRule
    findings: Mapping[str, FindingWords]


@cache
def forensics_policy() -> ForensicsPolicy:
    """The rules in force."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    findings = {
        code: FindingWords(Severity(entry["severity"]), entry["marks_records"], entry["name"], entry["question"])
        for code, entry in content["findings"].items()
    }
    return ForensicsPolicy(
        document=content["document"],
        in_force_from=content["in_force_from"],
        verified=content["verified"],
        parameters=content["parameters"],
        sample=SampleRule(**content["sample"]),
        findings=findings,
    )
