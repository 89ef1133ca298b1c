"""What heeds consent: a use that needs it is refused without it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.consents import repository
from services.student_eval.consents.rules import ConsentState, Standing, standing_of
from services.student_eval.guardianships.repository import standing_of_students
from shared.policy.student_consents import consent_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def standing(
    session: AsyncSession, actor: Actor, *, student_key: str, purpose: str, age: int | None, grade_level: int | None
) -> Standing:
    """How a use of a pupil's data stands now.

    Args:
        session: the transaction.
        actor: who asks.
        student_key: the pupil.
        purpose: code of the use.
        age: whole years, if known.
        grade_level: grade, if known.
    """
    use = consent_policy().purposes[purpose]
    said = (await repository.records_of(session, actor, [student_key])).get(student_key, ())
    guardians = {guardian for _, guardian in await standing_of_students(session, actor, [student_key])}
    asked = use.asked(age, grade_level)
    return standing_of(use, asked, said, student_key=student_key, guardians=guardians)


async def require_consent(
    session: AsyncSession,
    actor: Actor,
    *,
    student_key: str,
    purpose: str,
    age: int | None = None,
    grade_level: int | None = None,
) -> None:
    """Refuses a use that needs consent and has none; a use that is a duty passes.

    Raises:
        DomainError: ``consent.missing`` naming who has not answered; ``consent.refused``.
    """
    found = await standing(session, actor, student_key=student_key, purpose=purpose, age=age, grade_level=grade_level)
    named = consent_policy().purposes[purpose].name
    params = {"purpose": named["zh"], "purpose_en": named["en"]}
    if found.state is ConsentState.REFUSED:
        raise DomainError("consent.refused", params=params)
    if found.state is ConsentState.MISSING:
        raise DomainError("consent.missing", params={**params, "who": ", ".join(found.missing)})
