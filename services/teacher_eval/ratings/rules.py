"""Pure decisions about ratings: who may rate whom, how many may be rated best, when a school's ratings are closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.terms.errors import DomainError, Fault


class Audience(StrEnum):
    """Who rates."""

    GROUP = "group"
    """The school's assessment group (考核小组)."""
    PEERS = "peers"
    STUDENTS = "students"
    GUARDIANS = "guardians"


class RoundKind(StrEnum):
    """What is asked: ratings of one kind of people, or the democratic appraisal (民主测评), which is weighed together."""

    RATING = "rating"
    DEMOCRATIC_APPRAISAL = "democratic_appraisal"


#: They have accounts: each takes one ticket, and nobody is rated by themselves.
STAFF = frozenset({Audience.GROUP, Audience.PEERS})
#: Fewest answers of which anything is shown; a bureau may ask for more.
LEAST_N = {Audience.GROUP: 3, Audience.PEERS: 5, Audience.STUDENTS: 10, Audience.GUARDIANS: 10}
#: A combined figure stands on at least this share of the weights.
LEAST_WEIGHT_RATE = 0.5
#: More tickets than people, for those lost.
TICKET_RATE = 1.2


def require_open(opens_on: dt.date, closes_on: dt.date, today: dt.date) -> None:
    """Answers are taken from the first day to the last; raises ``survey.closed``."""
    if not opens_on <= today <= closes_on:
        raise DomainError("survey.closed", params={"first": opens_on.isoformat(), "last": closes_on.isoformat()})


def require_over(closes_on: dt.date, today: dt.date) -> None:
    """Ratings are closed once their last day is over; raises ``rating.still_open``."""
    if today <= closes_on:
        raise DomainError("rating.still_open", params={"last": closes_on.isoformat()})


def sheet_faults(
    items: Sequence[Mapping[str, Any]], ratings: Sequence[tuple[str, Mapping[str, Any]]], *, rateable: set[str]
) -> Iterator[Fault]:
    """Each person on a sheet who is not to be rated with it, or stands on it twice."""
    seen: set[str] = set()
    for place, (rated, answers) in enumerate(ratings):
        at = f"/ratings/{place}"
        if rated not in rateable:
            yield Fault("rating.not_rateable", pointer=f"{at}/rated")
        elif rated in seen:
            yield Fault("rating.twice", pointer=f"{at}/rated")
        if not answers:
            yield Fault("rating.nothing_said", pointer=f"{at}/answers")
        seen.add(rated)
    yield from _beyond_quota(items, [answers for _, answers in ratings])


def _beyond_quota(items: Sequence[Mapping[str, Any]], sheets: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """Questions whose best answer was given to more people than their quota allows; one is always allowed."""
    for item in items:
        rate = item.get("top_rate")
        if rate is None:
            continue
        rated = [sheet[item["code"]] for sheet in sheets if item["code"] in sheet]
        most = max(int(rate * len(rated) + 1e-9), 1)
        if rated.count(item["points"]) > most:
            yield Fault("rating.quota", pointer="/ratings", params={"item": item["code"], "most": most})


def combined(
    figures: Mapping[str, tuple[float, float | None]], weights: Mapping[str, float]
) -> tuple[float, float | None] | None:
    """The figure of several audiences together, ``Σ w v / Σ w`` with ``√Σ (w se)² / Σ w``.

    Args:
        figures: value and standard error by audience, of those that have one.
        weights: of every audience asked.

    Returns:
        ``None`` where those with a figure have less than half of the weights; no error where one of them has none.
    """
    known = {audience: weights[audience] for audience in figures if weights.get(audience, 0) > 0}
    total, asked = sum(known.values()), sum(weights.values())
    if not known or total < LEAST_WEIGHT_RATE * asked:
        return None
    value = sum(weight * figures[audience][0] for audience, weight in known.items()) / total
    errors = [(weight, figures[audience][1]) for audience, weight in known.items()]
    if any(se is None for _, se in errors):
        return value, None
    return value, sum((weight * (se or 0)) ** 2 for weight, se in errors) ** 0.5 / total
