"""A person's rows at every school they were at: rows stay where they were made, people move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.database.scope import set_org_scope
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


def own_key(actor: Actor) -> str:
    """The person an account stands for.

    Raises:
        DomainError: ``development.no_person`` for an account that stands for nobody.
    """
    if actor.person is None:
        raise DomainError("development.no_person")
    return actor.person


@asynccontextmanager
async def whole_person(session: AsyncSession, actor: Actor) -> AsyncIterator[Actor]:
    """Opens every organization's rows within the block, for an actor who may see the person as a whole.

    Whoever uses it has decided that (the person themselves, or the school and offices the person is at now) and asks by
    the person's key alone. An error ends the transaction, so the scope is given back on success only.

    Yields:
        The actor to give to repositories.
    """
    await set_org_scope(session, "")
    yield replace(actor, org="")
    await session.flush()
    await set_org_scope(session, actor.org)
