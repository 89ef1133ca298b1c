"""Pure decisions about campaigns: their life, their calendar, which schools they hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.scoring.sampling.hash_order import in_hash_order, number_to_draw
from shared.scoring.scheme.entered_values import matches
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class CampaignState(StrEnum):
    """States of a campaign."""

    DRAFT = "draft"
    DATA_CHECKING = "data_checking"
    SELF_EVALUATION = "self_evaluation"
    COUNTY_REVIEW = "county_review"
    CITY_VERIFICATION = "city_verification"
    COMPUTED = "computed"
    IN_PUBLICITY = "in_publicity"
    FINAL = "final"
    PUBLISHED = "published"
    ARCHIVED = "archived"


_S = CampaignState
LIFE = TransitionTable[CampaignState](
    (
        # Schools are frozen from the roster; prefilled figures are shown and may be disputed.
        Transition("open", frozenset({_S.DRAFT}), _S.DATA_CHECKING),
        Transition("begin_self_evaluation", frozenset({_S.DATA_CHECKING}), _S.SELF_EVALUATION),
        Transition("begin_county_review", frozenset({_S.SELF_EVALUATION}), _S.COUNTY_REVIEW),
        Transition("begin_city_verification", frozenset({_S.COUNTY_REVIEW}), _S.CITY_VERIFICATION),
        # Something was judged wrongly on a broad front: the counties look again.
        Transition("reopen_county_review", frozenset({_S.CITY_VERIFICATION, _S.COMPUTED}), _S.COUNTY_REVIEW),
        Transition("compute", frozenset({_S.CITY_VERIFICATION, _S.COMPUTED}), _S.COMPUTED),
        Transition("begin_publicity", frozenset({_S.COMPUTED}), _S.IN_PUBLICITY),
        Transition("withdraw_publicity", frozenset({_S.IN_PUBLICITY}), _S.COMPUTED),
        Transition("finalize", frozenset({_S.IN_PUBLICITY}), _S.FINAL),
        Transition("publish", frozenset({_S.FINAL}), _S.PUBLISHED),
        Transition("archive", frozenset({_S.PUBLISHED}), _S.ARCHIVED),
    )
)
#: States after the city has looked at the drawn schools.
_VERIFIED = frozenset({_S.COMPUTED, _S.IN_PUBLICITY, _S.FINAL, _S.PUBLISHED, _S.ARCHIVED})
#: A draft alone may be changed; what figures depend on is fixed once the schools are asked.
EDITABLE = frozenset({_S.DRAFT})
#: Which day of the calendar ends the window of a state.
WINDOWS: Mapping[CampaignState, str] = {
    _S.DATA_CHECKING: "data_checking_ends_on",
    _S.SELF_EVALUATION: "self_evaluation_ends_on",
    _S.COUNTY_REVIEW: "county_review_ends_on",
    _S.CITY_VERIFICATION: "city_verification_ends_on",
}
LISTED = 20
#: Working days that results are shown at the least; what local rules ask for is not known, more can be set per campaign.
LEAST_PUBLICITY_DAYS = 5


class VerificationMode(StrEnum):
    """Whose figures the city looks at itself."""

    FULL = "full"
    SAMPLED = "sampled"
    NONE = "none"


def window_end(calendar: Mapping[str, Any], state: CampaignState, zone: dt.tzinfo) -> dt.datetime | None:
    """When the window of a state ends: the end of its last civil day; ``None`` where a state has none."""
    name = WINDOWS.get(state)
    if name is None:
        return None
    return end_of(dt.date.fromisoformat(calendar[name]), zone)


def end_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The end of a civil day."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)


def require_window(
    state: CampaignState, needed: Collection[CampaignState], *, ends_at: dt.datetime | None, at: dt.datetime
) -> None:
    """Whether something may be done now.

    Raises:
        DomainError: ``campaign.not_now`` in another state; ``campaign.window_over`` after the window's end.
    """
    if state not in needed:
        raise DomainError("campaign.not_now", params={"state": state, "needed": ", ".join(sorted(needed))})
    if ends_at is not None and at >= ends_at:
        raise DomainError("campaign.window_over", params={"ends_at": ends_at.isoformat()})


def knows_draw(state: CampaignState, *, is_leading: bool) -> bool:
    """Who may know which schools were drawn: the office that leads, and everybody once the city has looked at them.

    Whoever knew beforehand would prepare; the seed would tell as well, since anybody can follow the draw.
    """
    return is_leading or state in _VERIFIED


def in_scope(school_code: str, attributes: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    """Whether a school belongs to a campaign.

    Args:
        school_code: its code.
        attributes: as frozen from the roster.
        scope: ``counties``, ``schools``, ``stages`` and ``attributes`` (name → values); what is left out does not limit.
    """
    limits = {
        "county_code": scope.get("counties"),
        "stages": scope.get("stages"),
        **(scope.get("attributes") or {}),
    }
    listed = scope.get("schools")
    is_listed = listed is None or school_code in listed
    return is_listed and all(
        allowed is None or matches(attributes.get(name), allowed) for name, allowed in limits.items()
    )


def without_attributes(units: Mapping[str, Mapping[str, Any]], names: Collection[str]) -> list[str]:
    """Units that lack an attribute which they are grouped or limited by: nobody could say how to judge them."""
    return sorted(code for code, values in units.items() if any(values.get(name) is None for name in names))


def drawn(schools: Iterable[tuple[str, str]], *, seed: str, share: float, least: int) -> list[str]:
    """Schools whose figures the city verifies: a share of each county's, drawn by a seed that anybody can follow.

    Each county's schools are put in the order of SHA-256 over ``seed:school_code``; the first are drawn.

    Args:
        schools: school code and county code.
        seed: settled after the schools were frozen, e.g. numbers of a public draw.
        share: of each county's schools, 0 to 1, rounded up.
        least: schools of each county at the least.

    Returns:
        Codes, ascending.
    """
    counties: dict[str, list[str]] = {}
    for school, county in schools:
        counties.setdefault(county, []).append(school)
    chosen = []
    for codes in counties.values():
        chosen += in_hash_order(codes, seed=seed)[: number_to_draw(len(codes), share=share, least=least)]
    return sorted(chosen)


def require_nobody_missing(missing: Sequence[str], *, what: str, accept_reason: str | None) -> None:
    """The gate of a step: passed when everybody is done, or over the absence of some with a reason.

    Args:
        missing: codes of schools that are not done.
        what: a code of the gate, e.g. ``not_submitted``.
        accept_reason: why the campaign goes on without them.

    Raises:
        DomainError: ``campaign.schools_missing`` naming the first of them.
    """
    if missing and accept_reason is None:
        params = {"what": what, "total": len(missing), "schools": ", ".join(missing[:LISTED])}
        raise DomainError("campaign.schools_missing", params=params)
