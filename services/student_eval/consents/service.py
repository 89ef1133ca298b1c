"""Saying yes or no to the use of a pupil's data, and how the uses stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.consents import repository
from services.student_eval.consents.rules import (
    Action,
    ConsentState,
    Standing,
    negation,
    require_askable,
    standing_of,
)
from services.student_eval.consents.tables import ConsentRecord
from services.student_eval.guardianships.access import Own, Side
from services.student_eval.guardianships.repository import standing_of_students
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.policy.student_consents import Asked, Basis, Purpose, consent_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Use:
    """A use of one pupil's data: whose yes it needs, how it stands, everything that was said."""

    purpose: Purpose
    asked: Asked
    standing: Standing
    records: Sequence[ConsentRecord]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pupil of whom somebody has not answered yet."""

    student_key: str
    class_code: str | None
    missing: tuple[str, ...]


def purpose_of(code: str) -> Purpose:
    """A use; raises ``resource.not_found``."""
    found = consent_policy().purposes.get(code)
    if found is None:
        raise DomainError("resource.not_found", params={"what": f"purpose {code}"})
    return found


async def uses_of(session: AsyncSession, actor: Actor, own: Own, age: int | None) -> list[Use]:
    """Every use of an own pupil's data."""
    key = own.student_key
    said = (await repository.records_of(session, actor, [key])).get(key, ())
    guardians = {guardian for _, guardian in await standing_of_students(session, actor, [key])}
    uses = []
    for purpose in consent_policy().purposes.values():
        asked = purpose.asked(age, None)
        found = standing_of(purpose, asked, said, student_key=key, guardians=guardians)
        uses.append(Use(purpose, asked, found, [each for each in said if each.purpose == purpose.code]))
    return uses


async def say(
    session: AsyncSession,
    actor: Actor,
    own: Own,
    *,
    purpose: Purpose,
    action: Action,
    seen_sha256: str,
    age: int | None,
) -> None:
    """Keeps what the pupil or a guardian says; the words that were seen are those in force.

    Raises:
        DomainError: ``consent.statutory``, ``consent.not_statutory``, ``consent.not_asked``; ``consent.wording_changed``.
    """
    asked = purpose.asked(age, None)
    # Where no age is known a pupil may speak; whether the word is wanted is asked, by the grade, where the use is.
    may_speak = asked.pupil or age is None if own.side is Side.PUPIL else asked.guardian
    require_askable(purpose, action, is_asked=may_speak)
    if seen_sha256 != purpose.wording.sha256:
        raise DomainError("consent.wording_changed", params={"version": purpose.wording.version})
    person = actor.person or ""
    if action is Action.REFUSED:
        said = (await repository.records_of(session, actor, [own.student_key])).get(own.student_key, ())
        action = negation(said, purpose.code, person)
    session.add(
        ConsentRecord(
            org_path=own.org_path,
            student_key=own.student_key,
            purpose=purpose.code,
            action=action,
            side=own.side,
            person_key=person,
            wording_version=purpose.wording.version,
            wording_sha256=purpose.wording.sha256,
            at=clock.now(),
        )
    )
    await session.flush()
    detail = {"purpose": purpose.code, "side": own.side, "wording_sha256": purpose.wording.sha256}
    note(session, actor, f"consent.{action}", own.student_key, detail)


async def standings(
    session: AsyncSession, actor: Actor, enrolled: pl.DataFrame, ages: Mapping[str, int]
) -> dict[str, list[tuple[Waiting, ConsentState]]]:
    """How each use that needs consent stands for a school's pupils, by purpose.

    Args:
        session: the transaction.
        actor: who asks.
        enrolled: ``student_key, class_code, grade_level``.
        ages: whole years of those whose age is known; of the others the grade says who is asked.
    """
    keys = enrolled["student_key"].to_list()
    said = await repository.records_of(session, actor, keys)
    guardians: dict[str, set[str]] = {}
    for student, guardian in await standing_of_students(session, actor, keys):
        guardians.setdefault(student, set()).add(guardian)
    found: dict[str, list[tuple[Waiting, ConsentState]]] = {}
    for purpose in consent_policy().purposes.values():
        if purpose.basis is Basis.STATUTORY:
            continue
        rows = found.setdefault(purpose.code, [])
        for key, class_code, grade in enrolled.select("student_key", "class_code", "grade_level").iter_rows():
            asked, near = purpose.asked(ages.get(key), grade), guardians.get(key, set())
            each = standing_of(purpose, asked, said.get(key, ()), student_key=key, guardians=near)
            rows.append((Waiting(key, class_code, each.missing), each.state))
    return found
