"""Pure decisions about visits: their life, who is sent, what a rating must be, what ratings come to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from statistics import fmean
from typing import Any, Protocol

from services.school_eval.checklists.rules import HIGHEST, ChecklistItem, Scale, weighted_shares
from shared.terms.errors import DomainError, Fault
from shared.workflow.transitions import Transition, TransitionTable


class VisitState(StrEnum):
    """States of a visit."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    UNDER_WAY = "under_way"
    RATED = "rated"
    """Every rater has submitted; the school is shown what was found."""
    SIGNED = "signed"
    CLOSED_UNSIGNED = "closed_unsigned"
    CANCELLED = "cancelled"


class VisitKind(StrEnum):
    """Why a school is visited."""

    PLANNED = "planned"
    REVISIT = "revisit"
    """To see what became of findings; counts for no quota and against no limit."""


_S = VisitState
MADE = frozenset({_S.UNDER_WAY, _S.RATED, _S.SIGNED, _S.CLOSED_UNSIGNED})
#: The ratings stand and are no secret any more.
SHOWN = frozenset({_S.RATED, _S.SIGNED, _S.CLOSED_UNSIGNED})
BEFORE = frozenset({_S.PLANNED, _S.ANNOUNCED})
LIFE = TransitionTable[VisitState](
    (
        Transition("announce", frozenset({_S.PLANNED}), _S.ANNOUNCED),
        Transition("start", BEFORE, _S.UNDER_WAY),
        Transition("complete", frozenset({_S.UNDER_WAY}), _S.RATED),
        Transition("sign", frozenset({_S.RATED}), _S.SIGNED),
        Transition("close_unsigned", frozenset({_S.RATED}), _S.CLOSED_UNSIGNED),
        Transition("cancel", BEFORE, _S.CANCELLED),
    )
)


class Sent(Protocol):
    """A registered inspector."""

    account: Any
    own_schools: Any
    is_active: Any


def require_sendable(
    accounts: Collection[str], inspectors: Mapping[str, Sent], school_code: str, *, needed: int
) -> None:
    """Nobody is sent to a school of their own, and as many are sent as rate it.

    Raises:
        DomainError: ``visit.raters_refused`` with every fault: unknown, inactive, or too near to the school;
            ``visit.raters_missing``.
    """
    faults = [
        Fault(code, pointer=f"/raters/{place}")
        for place, account in enumerate(accounts)
        if (code := _refusal(inspectors.get(account), school_code)) is not None
    ]
    if faults:
        raise DomainError("visit.raters_refused", faults=faults)
    if len(accounts) < needed:
        raise DomainError("visit.raters_missing", params={"needed": needed, "sent": len(accounts)})


def _refusal(inspector: Sent | None, school_code: str) -> str | None:
    if inspector is None or not inspector.is_active:
        return "visit.rater_unknown"
    return "visit.rater_too_near" if school_code in inspector.own_schools else None


class Rated(Protocol):
    """One rater's word on one item."""

    item_key: Any
    rating: Any
    is_not_applicable: Any
    note: Any


def require_rating(item: ChecklistItem, rating: int | None, *, is_not_applicable: bool) -> None:
    """A rating is one of the scale's, or the item does not apply; both at once is neither.

    Raises:
        DomainError: ``visit.rating_out_of_scale``.
    """
    highest = HIGHEST[item.scale]
    if (rating is not None and not 0 <= rating <= highest) or (is_not_applicable and rating is not None):
        raise DomainError("visit.rating_out_of_scale", params={"item": item.key, "highest": highest})


def require_complete(items: Sequence[ChecklistItem], ratings: Mapping[str, Rated]) -> None:
    """Every item is rated or said not to apply; the lowest rating, and an item that does not apply, say why.

    Raises:
        DomainError: ``visit.ratings_incomplete`` with every fault.
    """
    if faults := list(_gaps(items, ratings)):
        raise DomainError("visit.ratings_incomplete", params={"count": len(faults)}, faults=faults)


def _gaps(items: Sequence[ChecklistItem], ratings: Mapping[str, Rated]) -> Iterator[Fault]:
    for item in items:
        found = ratings.get(item.key)
        if found is None or (found.rating is None and not found.is_not_applicable):
            yield Fault("visit.item_unrated", pointer=f"/ratings/{item.key}")
        elif (found.rating == 0 or found.is_not_applicable) and not found.note:
            yield Fault("visit.note_missing", pointer=f"/ratings/{item.key}")


def outcome_of(items: Sequence[ChecklistItem], by_rater: Sequence[Mapping[str, Rated]]) -> dict[str, Any]:
    """What a visit found: per item the mean share of its raters, and the weighted shares of sections and checklists.

    An item that one rater saw and another held not to apply counts by who saw it. Notes follow each other without names, and
    raters' shares stand by size, not by rater.

    Args:
        items: every item, in order.
        by_rater: each rater's complete ratings by item.

    Returns:
        ``items``: key → ``scale``, ``share`` (0 to 1, or null where it does not apply), ``ratings``, ``notes``; ``shares``:
        key of section or checklist → share; ``rater_shares``: key of item, section or checklist → its raters' shares.
    """
    found: dict[str, Any] = {}
    for item in items:
        seen = [ratings[item.key] for ratings in by_rater]
        rated = [each.rating for each in seen if each.rating is not None]
        found[item.key] = {
            "scale": item.scale,
            "share": fmean(item.share(rating) for rating in rated) if rated else None,
            "ratings": sorted(rated),
            "notes": [each.note for each in seen if each.note],
        }
    shares = {key: entry["share"] for key, entry in found.items() if entry["share"] is not None}
    each_rater: dict[str, list[float]] = {}
    for ratings in by_rater:
        own = {item.key: item.share(ratings[item.key].rating) for item in items if ratings[item.key].rating is not None}
        for key, share in (own | weighted_shares(items, own)).items():
            each_rater.setdefault(key, []).append(share)
    rater_shares = {key: sorted(values) for key, values in sorted(each_rater.items())}
    return {"items": found, "shares": weighted_shares(items, shares), "rater_shares": rater_shares}


def is_undecided(item: Mapping[str, Any]) -> bool:
    """Whether raters say yes and no to one item of an outcome."""
    return item["scale"] == Scale.YES_NO and item["share"] is not None and 0 < item["share"] < 1


def outcome_hash(outcome: Mapping[str, Any]) -> str:
    """SHA-256 of what a school signs, as canonical JSON."""
    text = json.dumps(outcome, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Known(Protocol):
    """A rating as stored."""

    version: Any
    change_id: Any
    client_at: Any


def is_conflict(stored: Known | None, base_version: int) -> bool:
    """Whether a phone would overwrite what it has not seen: another device of the same rater was there first."""
    return (stored.version if stored is not None else 0) != base_version


def require_client_time(client_at: dt.datetime, now: dt.datetime) -> None:
    """A phone's clock may be slow, not far ahead.

    Raises:
        DomainError: ``visit.clock_ahead``.
    """
    if client_at > now + dt.timedelta(minutes=15):
        raise DomainError("visit.clock_ahead", params={"now": now.isoformat(timespec="seconds")})
