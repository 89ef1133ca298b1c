"""Pure decisions about completeness: what is missing, what may be accepted, and when an exam may be sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.scoring.rounding import half_away_from_zero
from shared.terms.errors import DomainError, Fault

RATE_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What has come of what is expected: of one school, of a county, or of all.

    Args:
        schools: schools that take part.
        received: schools whose sheet is in force.
        faulty: schools whose last upload was refused.
        confirmed: schools that have confirmed the sheet in force.
        enrolled: pupils of the frozen roster.
        expected: pupils at the start of the grade, plus transfers in, minus transfers out.
        registered: rows of the sheets in force, whatever the marks' status.
        linked: those of them that are pupils of the frozen roster.
        excluded: pupils of the roster without a row, by the reason given for it.
        coded: rows without a link to the roster, by the reason given for it.
        corrections_open: corrections asked for, or granted and not yet sent.
    """

    schools: int = 0
    received: int = 0
    faulty: int = 0
    confirmed: int = 0
    enrolled: int = 0
    expected: int = 0
    registered: int = 0
    linked: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    coded: Mapping[str, int] = field(default_factory=dict)
    corrections_open: int = 0

    @property
    def missing(self) -> int:
        """Schools without a sheet."""
        return self.schools - self.received

    @property
    def unconfirmed(self) -> int:
        """Schools that have sent a sheet and not confirmed it."""
        return self.received - self.confirmed

    @property
    def excluded_count(self) -> int:
        """Pupils without a row whose absence is explained."""
        return sum(self.excluded.values())

    @property
    def unaccounted(self) -> int:
        """Pupils of the roster with neither a row nor a reason."""
        return self.enrolled - self.linked - self.excluded_count

    @property
    def unlinked(self) -> int:
        """Rows without a link to the roster."""
        return self.registered - self.linked

    @property
    def uncoded(self) -> int:
        """Rows without a link to the roster and without a reason."""
        return self.unlinked - sum(self.coded.values())

    @property
    def has_gap(self) -> bool:
        """Whether something is missing that nobody has explained."""
        return any((self.missing, self.unaccounted, self.uncoded))

    @property
    def enrollment_participation_rate(self) -> Decimal | None:
        """Rows received per pupil expected, four digits; ``None`` where nobody is expected."""
        if self.expected == 0:
            return None
        return half_away_from_zero(Decimal(self.registered) / self.expected, RATE_DIGITS)


def total(parts: Mapping[str, Completeness]) -> Completeness:
    """All parts together."""
    return Completeness(
        schools=sum(part.schools for part in parts.values()),
        received=sum(part.received for part in parts.values()),
        faulty=sum(part.faulty for part in parts.values()),
        confirmed=sum(part.confirmed for part in parts.values()),
        enrolled=sum(part.enrolled for part in parts.values()),
        expected=sum(part.expected for part in parts.values()),
        registered=sum(part.registered for part in parts.values()),
        linked=sum(part.linked for part in parts.values()),
        excluded=_summed([part.excluded for part in parts.values()]),
        coded=_summed([part.coded for part in parts.values()]),
        corrections_open=sum(part.corrections_open for part in parts.values()),
    )


def _summed(counts: list[Mapping[str, int]]) -> dict[str, int]:
    codes = sorted({code for each in counts for code in each})
    return {code: sum(each.get(code, 0) for each in counts) for code in codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What a decision to seal rests on.

    Args:
        counties: completeness by county code.
        duplicates: candidate ids that stand twice.
        at: now.
        window_ends_at: until when schools confirm.
        accept_reason: why to seal although something is missing.
    """

    counties: Mapping[str, Completeness]
    duplicates: int
    at: dt.datetime
    window_ends_at: dt.datetime | None
    accept_reason: str | None


def require_sealable(sealing: Sealing) -> None:
    """Refuses to seal while corrections are open, schools may still confirm, or something is missing.

    A reason is accepted for what is missing, never for the other two nor for candidates that stand twice.

    Raises:
        DomainError: ``exam.corrections_open``, ``exam.unconfirmed``, ``exam.unreconciled``; each names the counties.
    """
    all_counties = total(sealing.counties)
    if all_counties.corrections_open:
        raise _refusal("exam.corrections_open", sealing, lambda county: county.corrections_open > 0)
    is_over = sealing.window_ends_at is not None and sealing.at >= sealing.window_ends_at
    if all_counties.unconfirmed and not is_over:
        raise _refusal("exam.unconfirmed", sealing, lambda county: county.unconfirmed > 0)
    if sealing.duplicates or (all_counties.has_gap and sealing.accept_reason is None):
        raise _refusal("exam.unreconciled", sealing, lambda county: county.has_gap)


def require_publishable(counties: Mapping[str, Completeness], *, is_accepted: bool) -> None:
    """Refuses to publish what does not reconcile, unless the gap was accepted with a reason when it was sealed.

    Raises:
        DomainError: ``exam.incomplete``, naming the counties.
    """
    everything = total(counties)
    if everything.has_gap and not is_accepted:
        raise DomainError("exam.incomplete", params=gap_params(everything), faults=gap_faults(counties))


def gap_params(found: Completeness) -> dict[str, object]:
    """What is missing, for sentences."""
    names = ("missing", "unaccounted", "uncoded", "unconfirmed", "corrections_open")
    return {name: getattr(found, name) for name in names}


def gap_faults(counties: Mapping[str, Completeness]) -> list[Fault]:
    """What is missing, county by county."""
    return [
        Fault("completeness.county_gap", source_id=code, params={"county": code, **gap_params(county)})
        for code, county in sorted(counties.items())
        if county.has_gap or county.unconfirmed or county.corrections_open
    ]


def _refusal(code: str, sealing: Sealing, concerns: Callable[[Completeness], bool]) -> DomainError:
    concerned = {county: found for county, found in sealing.counties.items() if concerns(found)}
    ends = "-" if sealing.window_ends_at is None else sealing.window_ends_at.isoformat(timespec="minutes")
    params = {**gap_params(total(sealing.counties)), "duplicates": sealing.duplicates, "window_ends_at": ends}
    return DomainError(code, params=params, faults=gap_faults(concerned))
