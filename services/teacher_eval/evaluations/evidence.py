"""Evidence of leaves: which leaf of whom a file belongs to, and who may attach one when."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SchoolState
from services.teacher_eval.cycles.schemas import StaffKey
from services.teacher_eval.evaluations.service.opened import Opened, leaf_of, open_member
from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.permissions import PERMISSIONS
from shared.kernel.database.repository import visible
from shared.kernel.web.fields import OwnCode, SchoolCode
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.schemes.said import LeafCode
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

KIND = "evaluation_leaf"
ADDRESS = "/cycles/{code}/schools/{school_code}/members/{staff_key}/leaves/{leaf}/evidence"
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("evaluations.own"))]
Code = Annotated[OwnCode, Path()]
School = Annotated[SchoolCode, Path()]
Person = Annotated[StaffKey, Path()]
Leaf = Annotated[LeafCode, Path()]
#: When the school adds files: while it assesses.
_ASSESSING = (SchoolState.DEMOCRATIC_APPRAISAL, SchoolState.COMPREHENSIVE_ASSESSMENT)


def evidence_key(cycle: str, staff_key: str, leaf: str = "") -> str:
    """Key of a leaf of a person; without a leaf what the keys of all their leaves begin with."""
    return f"{cycle}/{staff_key}/{leaf}"


async def counts_of(session: AsyncSession, opened: Opened) -> dict[str, int]:
    """Files that stand, by leaf, of one person."""
    prefix = evidence_key(opened.cycle.code, opened.member.staff_key)
    statement = (
        visible(Evidence, opened.actor)
        .where(Evidence.subject_type == KIND, Evidence.subject_key >= prefix, Evidence.subject_key < prefix + "~")
        .where(Evidence.withdrawn_at.is_(None))
        .with_only_columns(Evidence.subject_key, func.count())
        .group_by(Evidence.subject_key)
    )
    return {key.removeprefix(prefix): count for key, count in await session.execute(statement)}


def require_concerned(actor: Actor, staff_key: str) -> None:
    """One's own, or those of people whom one may evaluate: else ``resource.not_found``."""
    if not (actor.is_person(staff_key) or PERMISSIONS.grants["evaluations.read"].allows(actor)):
        raise DomainError("resource.not_found", params={"what": f"member {staff_key}"})


async def _read(
    code: Code, school_code: School, staff_key: Person, leaf: Leaf, session: Session, actor: Reader
) -> Subject:
    require_concerned(actor, staff_key)
    return _subject(
        await open_member(session, code=code, school_code=school_code, staff_key=staff_key, actor=actor), leaf
    )


async def _write(
    code: Code, school_code: School, staff_key: Person, leaf: Leaf, session: Session, actor: Reader
) -> Subject:
    require_concerned(actor, staff_key)
    opened = await open_member(
        session, code=code, school_code=school_code, staff_key=staff_key, actor=actor, is_locked=True
    )
    if actor.is_person(staff_key):
        opened.require(SchoolState.SELF_EVALUATION)
        if "submitted" in opened.member.done:
            raise DomainError("evaluation.submitted")
    else:
        opened.require(*_ASSESSING)
    return _subject(opened, leaf)


def _subject(opened: Opened, leaf: str) -> Subject:
    leaf_of(opened, leaf)
    key = evidence_key(opened.cycle.code, opened.member.staff_key, leaf)
    return Subject(KIND, key, opened.school.org_path, opened.actor)


router = evidence_router(Evidence, prefix=ADDRESS, name="evaluation_leaf", reader=_read, writer=_write)
