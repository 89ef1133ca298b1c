"""What every use case of a person's evaluation begins with: the school's row locked, the person, the scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository
from services.teacher_eval.cycles.documents import scheme_of
from services.teacher_eval.cycles.service import SchoolOpened, open_school
from services.teacher_eval.cycles.tables import Member
from services.teacher_eval.cycles.units import attributes_of
from shared.kernel.audit.log import note
from shared.kernel.records import keep
from shared.scoring.scheme.tree import Leaf
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


@dataclass(frozen=True, slots=True)
class Opened(SchoolOpened):
    """One person's evaluation, ready to be worked on by somebody."""

    member: Member

    @property
    def key(self) -> dict[str, str]:
        """Natural key, as the change feed and the audit log name it."""
        own = {"cycle": self.cycle.code, "school_code": self.school.school_code}
        return own | {"staff_key": self.member.staff_key}

    @property
    def attributes(self) -> Mapping[str, Any]:
        """By which leaves are limited."""
        return attributes_of(self.school, self.member)


async def open_own(session: AsyncSession, *, code: str, actor: Actor, is_locked: bool = False) -> Opened:
    """The evaluation of the person whom the account stands for; raises ``resource.not_found``."""
    cycle = await repository.cycle_by_code(session, actor, code)
    member = await repository.own_member(session, actor, cycle.id)
    find = repository.school_for_update if is_locked else repository.school_of
    school = await find(session, actor, cycle.id, member.school_code)
    return Opened(cycle, school, await scheme_of(cycle), actor, member)


async def open_member(
    session: AsyncSession, *, code: str, school_code: str, staff_key: str, actor: Actor, is_locked: bool = False
) -> Opened:
    """Somebody's evaluation, for those above; raises ``resource.not_found``."""
    opened = await open_school(session, code=code, school_code=school_code, actor=actor, is_locked=is_locked)
    member = await repository.member_of(session, actor, opened.school, staff_key)
    return Opened(opened.cycle, opened.school, opened.scheme, actor, member)


async def keep_member(
    session: AsyncSession, opened: Opened, action: str, *, detail: Mapping[str, Any] | None = None
) -> None:
    """Counts the version, notes what was done, tells those who pull."""
    await keep(
        session,
        opened.member,
        resource="cycle_members",
        action=f"evaluation.{action}",
        key=opened.key,
        actor=opened.actor,
        detail=detail,
    )


def note_read(session: AsyncSession, opened: SchoolOpened, what: str) -> None:
    """Named data of other people was read: that is noted."""
    note(session, opened.actor, f"{what}.read", "/".join(opened.key.values()))


def require_known(opened: SchoolOpened, leaves: Sequence[str], *, pointer: str = "/items/{place}/leaf") -> None:
    """Raises ``request.invalid`` naming every leaf that the scheme does not have."""
    faults = [
        Fault("evaluation.leaf_unknown", pointer=pointer.format(place=place), value=code, params={"leaf": code})
        for place, code in enumerate(leaves)
        if code not in opened.leaves
    ]
    if faults:
        raise DomainError("request.invalid", faults=faults)


def leaf_of(opened: SchoolOpened, code: str) -> Leaf:
    """A leaf of the scheme; raises ``resource.not_found``."""
    found = opened.leaves.get(code)
    if found is None:
        raise DomainError("resource.not_found", params={"what": f"leaf {code}"})
    return found
