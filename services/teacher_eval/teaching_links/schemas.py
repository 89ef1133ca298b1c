"""Links of teachers and classes as callers write and read them."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.teacher_eval.teaching_links.rules import LinkState, SchoolState, SilentLinks
from services.teacher_eval.teaching_links.tables import LinkWindow, SchoolLinks, TeachingLink, TeachingLinkStep
from shared.kernel import clock
from shared.kernel.web.fields import Reason, Strict
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused
from shared.terms.codes import code_lists

ClassCode = Annotated[str, StringConstraints(pattern=r"^[^/\\\s\x00-\x1f\x7f]{1,40}$")]
Days = Annotated[int | None, Field(ge=1, le=60, description="工作日 / working days")]
_SUBJECTS = frozenset(code_lists()["subjects"].codes)


class WindowIn(Strict):
    """How links are verified; days left out are the usual ones."""

    silent_links: SilentLinks = Field(
        default=SilentLinks.STAND, description="未表态的：按预填保留并标记，或不采用 / what becomes of silent ones"
    )
    confirm_days: Days = None
    decide_days: Days = None
    close_days: Days = None


class WindowOut(BaseModel):
    """A window."""

    organization: str
    school_year: str
    silent_links: SilentLinks
    confirm_days: int
    decide_days: int
    close_days: int
    version: int


class SchoolOut(BaseModel):
    """A school in a window."""

    organization: str
    school_year: str
    state: SchoolState
    due_at: dt.datetime
    is_overdue: bool
    unverified_years: list[int]
    counts: dict[LinkState, int]
    links_sha256: str | None
    closed_at: dt.datetime | None
    version: int


class Extent(Strict):
    """How much of a class's subject somebody teaches, and from when to when; no share at all means: not I."""

    share: Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]
    starts_on: dt.date
    ends_on: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise refused("teaching_link.order")
        return self


class DisputeIn(Extent):
    """What a teacher says instead of what was previewed."""

    reason: Reason


class ClaimIn(Extent):
    """A link that the preview lacks."""

    school: Annotated[str, Field(pattern=r"^[0-9]{4}[0-9A-Z]{2}-[0-9A-Za-z]{6,12}$", description="县代码-学校代码")]
    school_year: Annotated[str, Field(pattern=r"^20\d\d-20\d\d$")]
    class_code: ClassCode
    grade_level: Annotated[int, Field(ge=1, le=12)]
    subject: str
    reason: Reason

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.subject not in _SUBJECTS:
            raise refused("teaching_link.subject")
        if self.share <= 0:
            raise refused("teaching_link.no_share")
        return self


class DecideIn(Extent):
    """What the school decides."""

    reason: Reason


class StepIn(Strict):
    """A step that needs no reason."""


class ReasonIn(Strict):
    """A step with a reason."""

    reason: Reason


class LinkOut(BaseModel):
    """A link."""

    id: uuid.UUID
    organization: str
    staff_key: str
    class_code: str
    grade_level: int
    subject: str
    subject_zh: str
    state: LinkState
    previewed: dict[str, Any] | None
    claimed: dict[str, Any] | None
    share: float
    starts_on: dt.date
    ends_on: dt.date
    is_silent: bool
    version: int


class LinkStepOut(BaseModel):
    """What somebody did with a link."""

    step: str
    content: dict[str, Any]
    reason: str | None
    taken_at: dt.datetime


class LinkDetail(LinkOut):
    """A link with its history."""

    steps: list[LinkStepOut]


def window_out(row: LinkWindow) -> WindowOut:
    """A window as callers see it."""
    days = {f"{name}_days": count for name, count in row.days.items()}
    plain = {name: getattr(row, name) for name in ("school_year", "silent_links", "version")}
    return WindowOut(organization=code_of(row.org_path), **plain, **days)


def school_out(row: SchoolLinks, window: LinkWindow, counts: dict[str, int]) -> SchoolOut:
    """A school as callers see it."""
    names = ("state", "due_at", "unverified_years", "links_sha256", "closed_at", "version")
    plain = {name: getattr(row, name) for name in names}
    return SchoolOut(
        organization=code_of(row.org_path),
        school_year=window.school_year,
        is_overdue=row.state != SchoolState.CLOSED and clock.now() >= row.due_at,
        counts={LinkState(state): count for state, count in sorted(counts.items())},
        **plain,
    )


def link_out(row: TeachingLink) -> LinkOut:
    """A link as callers see it."""
    return LinkOut(**_members(row))


def link_detail(row: TeachingLink, steps: list[TeachingLinkStep]) -> LinkDetail:
    """A link with its history."""
    taken = [LinkStepOut(**{name: getattr(step, name) for name in LinkStepOut.model_fields}) for step in steps]
    return LinkDetail(**_members(row), steps=taken)


def _members(row: TeachingLink) -> dict[str, Any]:
    derived = ("organization", "subject_zh", "share")
    plain = {name: getattr(row, name) for name in LinkOut.model_fields if name not in derived}
    known = code_lists()["subjects"].codes.get(row.subject)
    named = row.subject if known is None else known.zh
    return plain | {"organization": code_of(row.org_path), "subject_zh": named, "share": float(row.share)}
