"""What an entry may hold by its kind, and what makes two entries the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from services.teacher_eval.record_kinds.schemas import Catalog, FieldType, Kind, KindField

FIRST_DAY = dt.date(1980, 1, 1)
MOST_AUTHORS = 30
#: What a record says.
SAID = (
    *("happened_on", "ends_on", "category", "amount", "level", "grade", "title", "issuer"),
    *("author_rank", "author_count", "fields"),
)


@dataclass(frozen=True, slots=True)
class EntryFlaw:
    """What is wrong with one value of an entry."""

    place: str
    code: str
    value: str | None = None
    allowed: str | None = None


def entry_faults(kind: Kind, entry: Mapping[str, Any], catalog: Catalog, today: dt.date) -> Iterator[EntryFlaw]:
    """Everything that is wrong with an entry of a kind, place by place."""
    first, last = entry["happened_on"], entry["ends_on"]
    if not FIRST_DAY <= first <= today:
        yield EntryFlaw("happened_on", "record.day_impossible", str(first), f"{FIRST_DAY}–{today}")
    if last is not None and last < first:
        yield EntryFlaw("ends_on", "record.day_impossible", str(last), f"≥ {first}")
    if last is not None and kind.is_achievement:
        yield EntryFlaw("ends_on", "record.value_not_asked", str(last))
    asked = _achievement_asks if kind.is_achievement else _quantity_asks
    for place, options, is_required in asked(kind, catalog):
        yield from _value_faults(place, entry[place], options, is_required=is_required)
    for place in _not_asked(kind):
        if entry[place] is not None:
            yield EntryFlaw(place, "record.value_not_asked", str(entry[place]))
    if entry["amount"] is not None and not 0 < entry["amount"] <= 10_000:
        yield EntryFlaw("amount", "record.value_not_allowed", str(entry["amount"]), "0.01–10000")
    if kind.is_shared:
        yield from _author_faults(entry["author_rank"], entry["author_count"])
    if kind.needs_listed_issuer and catalog.issuers and entry["issuer"] not in catalog.issuers:
        yield EntryFlaw("issuer", "record.issuer_not_listed", entry["issuer"])
    yield from _field_faults(kind, entry["fields"])


def _achievement_asks(kind: Kind, catalog: Catalog) -> Iterator[tuple[str, Sequence[str], bool]]:
    yield "title", (), True
    yield "issuer", (), True
    yield "level", catalog.levels, True
    yield "grade", kind.grades, bool(kind.grades)


def _quantity_asks(kind: Kind, catalog: Catalog) -> Iterator[tuple[str, Sequence[str], bool]]:
    del catalog
    yield "amount", (), not kind.amount_is_one
    yield "category", kind.categories, bool(kind.categories)


def _not_asked(kind: Kind) -> Iterator[str]:
    if kind.is_achievement:
        yield from ("amount", "category")
        if not kind.grades:
            yield "grade"
    else:
        yield from ("title", "issuer", "level", "grade")
        if not kind.categories:
            yield "category"
    if not kind.is_shared:
        yield from ("author_rank", "author_count")


def _value_faults(place: str, value: Any, options: Sequence[str], *, is_required: bool) -> Iterator[EntryFlaw]:
    if value is None:
        if is_required:
            yield EntryFlaw(place, "record.value_missing")
    elif options and value not in options:
        yield EntryFlaw(place, "record.value_not_allowed", str(value), ", ".join(options))


def _author_faults(rank: int | None, count: int | None) -> Iterator[EntryFlaw]:
    if rank is None or count is None:
        yield EntryFlaw("author_rank" if rank is None else "author_count", "record.value_missing")
    elif not 1 <= rank <= count <= MOST_AUTHORS:
        yield EntryFlaw("author_rank", "record.value_not_allowed", f"{rank}/{count}", f"1–{min(count, MOST_AUTHORS)}")


def _field_faults(kind: Kind, given: Mapping[str, Any]) -> Iterator[EntryFlaw]:
    for name in sorted(given.keys() - kind.fields.keys()):
        yield EntryFlaw(f"fields/{name}", "record.value_not_asked", str(given[name])[:60])
    for name, field in kind.fields.items():
        value = given.get(name)
        if value is None:
            if field.required:
                yield EntryFlaw(f"fields/{name}", "record.value_missing")
        elif not _fits(field, value):
            yield EntryFlaw(f"fields/{name}", "record.value_not_allowed", str(value)[:60], _allowed(field))


def _fits(field: KindField, value: str) -> bool:
    try:
        match field.type:
            case FieldType.TEXT:
                return 0 < len(value) <= 300
            case FieldType.CHOICE:
                return value in field.choices
            case FieldType.DATE:
                return bool(dt.date.fromisoformat(value))
            case FieldType.INTEGER:
                return str(int(value)) == value and int(value) <= (field.most or 10**9)
            case FieldType.DECIMAL:
                return Decimal(value).is_finite() and Decimal(value) <= (field.most or 10**9)
    except (ValueError, InvalidOperation):
        return False


def _allowed(field: KindField) -> str:
    bound = "" if field.most is None else f" ≤ {field.most}"
    return ", ".join(field.choices) or f"{field.type}{bound}"


def normalized(text: str) -> str:
    """A title or issuer as it is compared: without case, width, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def achievement_of(kind_code: str, kind: Kind, entry: Mapping[str, Any]) -> str | None:
    """What all co-authors of an achievement share: kind, title, issuer and year; none where a kind has no co-authors."""
    if not kind.is_shared:
        return None
    return _digest(kind_code, normalized(entry["title"]), normalized(entry["issuer"]), str(entry["happened_on"].year))


def work_of(kind_code: str, kind: Kind, entry: Mapping[str, Any]) -> str | None:
    """What one person's entries of one thing share, whoever honored it: kind and title, with the year for a yearly kind."""
    if not kind.is_achievement:
        return None
    year = str(entry["happened_on"].year) if (kind.window or 1) == 1 else ""
    return _digest(kind_code, normalized(entry["title"]), year)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
