"""Notices as callers draft and read them."""

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from shared.kits.fields import Strict
from shared.kits.publicity.tables import Audience, Notice
from shared.workflow.publicity import NOTICE_LIFE, NoticeState

Title = Annotated[str, StringConstraints(min_length=2, max_length=120, strip_whitespace=True)]


class NoticeIn(Strict):
    """A notice to be drafted; what it shows is taken from the thing itself."""

    title_zh: Title = Field(description="公示标题 / heading")
    audience: Audience = Audience.ORGANIZATION
    working_days: int | None = Field(default=None, ge=1, le=60, description="公示工作日数 / working days it stands")


class NoticeOut(BaseModel):
    """A notice without what it shows."""

    id: uuid.UUID
    subject_type: str
    subject_key: str
    title_zh: str
    audience: Audience
    state: NoticeState
    content_sha256: str
    rule: str
    working_days: int
    opened_at: dt.datetime | None
    first_on: dt.date | None
    last_on: dt.date | None
    ends_at: dt.datetime | None
    unverified_years: list[int] = Field(
        description="尚无国务院放假通知的年份 / years whose holidays rest on no notice yet"
    )
    closed_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str | None
    actions: list[str]


class NoticeDetail(NoticeOut):
    """A notice with what it shows; ``content_sha256`` is over its canonical JSON (sorted, no blanks, UTF-8)."""

    content: dict[str, Any]


def notice_out(row: Notice) -> NoticeOut:
    """A notice in a list."""
    return NoticeOut(**_members(row))


def notice_detail(row: Notice) -> NoticeDetail:
    """A notice with its content."""
    return NoticeDetail(**_members(row), content=row.content)


def _members(row: Notice) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in NoticeOut.model_fields if name != "actions"}
    return {**plain, "actions": list(NOTICE_LIFE.actions(NoticeState(row.state)))}
