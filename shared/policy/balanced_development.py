"""What quality balanced compulsory education asks of schools and counties, from dated data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("balanced_development.yaml")


@dataclass(frozen=True, slots=True)
class BalanceStandard:
    """The standards of one stage.

    Args:
        stage: ``primary`` or ``junior_secondary``.
        indicators: what a school should have at least, by code of the statistic.
        required: how many of them a school meets at least.
        least_share: what the others reach at least, as a share of the standard.
        variation_limit: largest coefficient of variation between the schools of a county.
        document: its source.
        verified: whether that was checked against the official text.
    """

    stage: str
    indicators: Mapping[str, Decimal]
    required: int
    least_share: Decimal
    variation_limit: Decimal
    document: str
    verified: bool


def balance_standards_on(day: dt.date) -> Mapping[str, BalanceStandard]:
    """The standards in force on a day, by stage; empty before the first of them."""
    content = _content()
    if day < content["in_force_from"]:
        return {}
    return {
        stage: BalanceStandard(
            stage=stage,
            indicators={code: Decimal(least) for code, least in entry["indicators"].items()},
            required=content["required"],
            least_share=Decimal(content["least_share"]),
            variation_limit=Decimal(entry["variation_limit"]),
            document=content["document"],
            verified=content["verified"],
        )
        for stage, entry in content["stages"].items()
    }


@cache
def _content() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found
