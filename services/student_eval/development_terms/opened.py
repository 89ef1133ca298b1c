"""A class's term with its scheme, ready to be worked on by somebody."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_terms import repository
from services.student_eval.development_terms.rules import DevelopmentState, require_state
from services.student_eval.development_terms.tables import DevelopmentTerm
from services.student_eval.schemes.mounted import SCHEMES
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on
from shared.policy.student_development import development_policy
from shared.scoring.scheme.tree import Evaluator, Leaf, Scheme
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True)
class TermOpened:
    """A class's term.

    Args:
        term: the term.
        scheme: as of its day.
        actor: who works on it.
    """

    term: DevelopmentTerm
    scheme: Scheme
    actor: Actor

    @cached_property
    def leaves(self) -> Mapping[str, Leaf]:
        """Checkpoints by code."""
        return {leaf.code: leaf for leaf in self.scheme.leaves()}

    @cached_property
    def students(self) -> frozenset[str]:
        """Pseudonyms of the pupils."""
        return frozenset(member["student_key"] for member in self.term.members)

    def require(self, *states: DevelopmentState) -> None:
        """Raises ``development.not_now``."""
        require_state(DevelopmentState(self.term.state), *states)

    def require_member(self, student_key: str) -> None:
        """Raises ``resource.not_found`` for somebody who is not in the class."""
        if student_key not in self.students:
            raise DomainError("resource.not_found", params={"what": f"pupil {student_key}"})

    def asked_of(self, source: str) -> frozenset[str]:
        """Checkpoints that a source is asked of in this grade."""
        return frozenset(
            code for code, asked in observed_weights(self.scheme, self.term.grade_level).items() if source in asked
        )


def observed_weights(scheme: Scheme, grade_level: int) -> dict[str, dict[str, float]]:
    """By checkpoint that somebody observes the weight of every source asked of it in a grade."""
    policy = development_policy()
    return {
        leaf.code: policy.weights(grade_level, frozenset(leaf.evaluators))
        for leaf in scheme.leaves()
        if Evaluator.PLATFORM not in leaf.evaluators
    }


async def open_term(session: AsyncSession, *, term_id: uuid.UUID, actor: Actor, is_held: bool = False) -> TermOpened:
    """A class's term; held, it cannot move on meanwhile. Raises ``resource.not_found``."""
    find = repository.term_held if is_held else repository.term_by_id
    return await opened(session, await find(session, actor, term_id), actor)


async def opened(session: AsyncSession, term: DevelopmentTerm, actor: Actor) -> TermOpened:
    """A term with its scheme."""
    version = await version_by_id(session, SCHEMES, term.scheme_version_id)
    return TermOpened(term, await scheme_on(version, term.as_of), actor)
