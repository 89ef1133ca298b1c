"""Terms of classes as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.archive_terms.rules import TERM_LIFE, TermState
from services.student_eval.archive_terms.tables import ArchiveNotice, ArchiveTerm
from shared.kernel.web.fields import Strict
from shared.kernel.web.organizations import code_of
from shared.kits.fields import Reason


class TermIn(Strict):
    """A class's semester to open."""

    class_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    semester: Literal[1, 2]


class PublicityIn(Strict):
    """How long it is shown, and why it is shown before everybody has signed."""

    working_days: int | None = Field(default=None, ge=1, le=60)
    unsigned_reason: Reason | None = None


class TermOut(BaseModel):
    """A class's semester."""

    id: uuid.UUID
    organization: str
    school_name: str
    class_code: str
    class_name: str
    grade_level: int
    school_year: str
    semester: int
    state: str
    steps: list[str]
    student_count: int
    unsigned_reason: str | None
    version: int


class MemberOut(BaseModel):
    """A pupil of the class, as named to the own school."""

    student_key: str
    name: str


class MembersOut(BaseModel):
    """Pupils of a class."""

    items: list[MemberOut]


class TermNoticeOut(BaseModel):
    """What is shown, from when to when."""

    id: uuid.UUID
    title_zh: str
    state: str
    working_days: int
    first_on: dt.date | None
    last_on: dt.date | None
    ends_at: dt.datetime | None
    content_sha256: str
    content: dict[str, Any]


def term_out(row: ArchiveTerm) -> TermOut:
    """A term."""
    return TermOut(
        id=row.id,
        organization=code_of(row.org_path),
        school_name=row.school_name,
        class_code=row.class_code,
        class_name=row.class_name,
        grade_level=row.grade_level,
        school_year=row.school_year,
        semester=row.semester,
        state=row.state,
        steps=list(TERM_LIFE.actions(TermState(row.state))),
        student_count=len(row.members),
        unsigned_reason=row.unsigned_reason,
        version=row.version,
    )


def notice_out(row: ArchiveNotice) -> TermNoticeOut:
    """A notice with what it shows."""
    return TermNoticeOut(
        id=row.id,
        title_zh=row.title_zh,
        state=row.state,
        working_days=row.working_days,
        first_on=row.first_on,
        last_on=row.last_on,
        ends_at=row.ends_at,
        content_sha256=row.content_sha256,
        content=row.content,
    )
