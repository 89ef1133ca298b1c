"""Own data as callers read them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from services.student_eval.own_data.parts import PARTS
from shared.kernel.audit.tables import AuditRecord
from shared.kernel.web.organizations import code_of


class PartOut(BaseModel):
    """A kind of data and how much of it is held."""

    code: str
    zh: str
    en: str
    count: int


class OwnDataOut(BaseModel):
    """What is held about a pupil."""

    student_key: str
    items: list[PartOut]


class ReadingOut(BaseModel):
    """A reading: when, in which role, from which organization, what. No account is named."""

    at: dt.datetime
    action: str
    roles: list[str]
    organization: str
    is_list: bool


class ReadingsOut(BaseModel):
    """Readings, the latest first; ``next_before`` goes on."""

    items: list[ReadingOut]
    next_before: int | None


def own_data_out(student_key: str, held: Mapping[str, Sequence[Any]]) -> OwnDataOut:
    """What is held."""
    items = [PartOut(code=code, zh=PARTS[code].zh, en=PARTS[code].en, count=len(rows)) for code, rows in held.items()]
    return OwnDataOut(student_key=student_key, items=items)


def reading_out(record: AuditRecord, payload: Mapping[str, Any], student_key: str) -> ReadingOut:
    """A reading. ``is_list``: the pupil was one of several on a list or in a class."""
    org = str(payload["org"])
    return ReadingOut(
        at=record.at,
        action=record.action,
        roles=list(payload.get("roles", ())),
        organization=code_of(org) if org else "platform",
        is_list=record.object != student_key,
    )
