"""Consents as callers write and read them."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.consents.rules import ConsentState
from services.student_eval.consents.service import Use, Waiting
from services.student_eval.consents.tables import ConsentRecord
from shared.kernel.web.fields import Strict
from shared.policy.student_consents import Basis, Purpose, consent_policy

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AnswerIn(Strict):
    """The hash of the words that were read."""

    wording_sha256: Sha256 = Field(description="所读告知文字的校验值 / hash of the words as shown")


class WordingOut(BaseModel):
    """What is put before people."""

    version: int
    sha256: str
    zh: str
    en: str


class PurposeOut(BaseModel):
    """A use of pupils' data and its basis."""

    code: str
    name: dict[str, str]
    basis: Basis
    document: str
    in_force_from: dt.date
    verified: bool
    may_refuse: bool
    guardian_until: int | None
    pupil_asked_from: int | None
    heeded_by: str | None
    wording: WordingOut


class PurposesOut(BaseModel):
    """Every use, and the rule for children."""

    items: list[PurposeOut]
    child_rules: dict[str, str]
    child_rules_document: str


class SaidOut(BaseModel):
    """What was said."""

    action: str
    side: str
    wording_version: int
    wording_sha256: str
    at: dt.datetime


class UseOut(BaseModel):
    """How a use of a pupil's data stands."""

    purpose: str
    basis: Basis
    state: ConsentState
    asked: list[str]
    missing: list[str]
    records: list[SaidOut]


class UsesOut(BaseModel):
    """How every use of a pupil's data stands."""

    student_key: str
    items: list[UseOut]


class PurposeCountOut(BaseModel):
    """How a use stands for the pupils of a school."""

    purpose: str
    name: dict[str, str]
    students: int
    given: int
    refused: int
    missing: int
    without_guardian: int


class OverviewOut(BaseModel):
    """How uses stand for the pupils of a school; who is asked follows from the age, where none is known from the grade."""

    organization: str
    school_year: str
    items: list[PurposeCountOut]


class WaitingOut(BaseModel):
    """A pupil, and who has not answered yet: ``guardian``, ``pupil``, or ``no_guardian`` is entered."""

    student_key: str
    name: str
    class_code: str | None
    missing: list[str]


class WaitingListOut(BaseModel):
    """Pupils of whom a use stands alike."""

    items: list[WaitingOut]


def purpose_out(purpose: Purpose) -> PurposeOut:
    """A use."""
    words = purpose.wording
    wording = WordingOut(version=words.version, sha256=words.sha256, zh=words.text["zh"], en=words.text["en"])
    names = [name for name in PurposeOut.model_fields if name not in ("wording", "name")]
    return PurposeOut(wording=wording, name=dict(purpose.name), **{name: getattr(purpose, name) for name in names})


def purposes_out() -> PurposesOut:
    """Every use."""
    policy = consent_policy()
    return PurposesOut(
        items=[purpose_out(purpose) for purpose in policy.purposes.values()],
        child_rules=dict(policy.child_rules),
        child_rules_document=policy.child_rules_document,
    )


def use_out(use: Use) -> UseOut:
    """A use of a pupil's data."""
    asked = [side for side, is_asked in (("guardian", use.asked.guardian), ("pupil", use.asked.pupil)) if is_asked]
    return UseOut(
        purpose=use.purpose.code,
        basis=use.purpose.basis,
        state=use.standing.state,
        asked=asked,
        missing=list(use.standing.missing),
        records=[_said_out(record) for record in use.records],
    )


def count_out(code: str, rows: list[tuple[Waiting, ConsentState]]) -> PurposeCountOut:
    """How a use stands for many."""
    states = [state for _, state in rows]
    return PurposeCountOut(
        purpose=code,
        name=dict(consent_policy().purposes[code].name),
        students=len(rows),
        given=states.count(ConsentState.GIVEN),
        refused=states.count(ConsentState.REFUSED),
        missing=states.count(ConsentState.MISSING),
        without_guardian=sum("no_guardian" in waiting.missing for waiting, _ in rows),
    )


def _said_out(record: ConsentRecord) -> SaidOut:
    return SaidOut(**{name: getattr(record, name) for name in SaidOut.model_fields})
