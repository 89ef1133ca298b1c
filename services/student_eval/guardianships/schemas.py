"""Guardianships as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.guardianships.access import Own, Side
from services.student_eval.guardianships.tables import Guardianship
from shared.kernel.web.fields import Document, Strict
from shared.kernel.web.organizations import code_of
from shared.kits.fields import Reason

PersonKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]


class GuardianshipIn(Strict):
    """A guardian of a pupil. No name, no occupation and no workplace is taken."""

    student_key: PersonKey
    guardian_key: PersonKey = Field(description="监护人账户的人员代号 / person key of the guardian's account")
    relation: Literal["parent", "other"]
    document: Document | None = Field(default=None, description="非父母的监护人须有依据 / what makes others guardian")


class EndIn(Strict):
    """Why a guardianship ended, and when."""

    reason: Reason
    ended_on: dt.date


class GuardianshipOut(BaseModel):
    """A guardian of a pupil."""

    id: uuid.UUID
    organization: str
    student_key: str
    guardian_key: str
    relation: str
    document: str | None
    started_on: dt.date
    ended_on: dt.date | None
    ended_reason: str | None
    version: int


class OwnPupilOut(BaseModel):
    """A pupil whose things are one's own."""

    student_key: str
    side: Side
    organization: str


class OwnPupilsOut(BaseModel):
    """Pupils whose things are one's own."""

    items: list[OwnPupilOut]


class OwnGuardiansOut(BaseModel):
    """Guardians of a pupil, as the pupil reads them."""

    items: list[GuardianshipOut]


class EndedOut(BaseModel):
    """How many guardianships ended."""

    ended: int


class TakenOut(BaseModel):
    """What a file did."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    sha256: str


def guardianship_out(row: Guardianship) -> GuardianshipOut:
    """A guardianship."""
    names = [name for name in GuardianshipOut.model_fields if name != "organization"]
    return GuardianshipOut(organization=code_of(row.org_path), **{name: getattr(row, name) for name in names})


def own_out(own: Own) -> OwnPupilOut:
    """An own pupil."""
    return OwnPupilOut(student_key=own.student_key, side=own.side, organization=code_of(own.org_path))
