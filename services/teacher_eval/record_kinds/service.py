"""The catalog of kinds of records in force: the platform's, or the newest version of the bureau's own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds import repository
from services.teacher_eval.record_kinds.schemas import Catalog
from services.teacher_eval.record_kinds.scoring import require_own_names
from services.teacher_eval.record_kinds.tables import RecordCatalog
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_FILE = Path(__file__).with_name("teacher_records.yaml")


@dataclass(frozen=True, slots=True)
class InForce:
    """A catalog, its number (0 is the platform's) and the hash of its content."""

    number: int
    sha256: str
    catalog: Catalog


@cache
def built_in() -> InForce:
    """The platform's catalog."""
    catalog = Catalog.model_validate(yaml.safe_load(_FILE.read_text("utf-8")))
    return InForce(0, _hash(catalog), catalog)


async def catalog_in_force(session: AsyncSession, actor: Actor) -> InForce:
    """What holds for the actor's organization."""
    row = await repository.newest(session, actor)
    return built_in() if row is None else InForce(row.number, row.sha256, Catalog.model_validate(row.content))


async def publish(session: AsyncSession, *, catalog: Catalog, reason: str, actor: Actor) -> InForce:
    """Puts a version of a bureau's own in force; the same content again is the version there is.

    Raises:
        DomainError: ``record_kind.not_own``; ``record_kind.dropped`` for a version without a kind that there was.
    """
    await repository.hold(session, actor.org)
    before = await catalog_in_force(session, actor)
    require_own_names(catalog, built_in().catalog)
    dropped = sorted(before.catalog.kinds.keys() - catalog.kinds.keys())
    if dropped:
        raise DomainError("record_kind.dropped", params={"kinds": ", ".join(dropped)})
    sha256 = _hash(catalog)
    if sha256 == before.sha256:
        return before
    content = catalog.model_dump(mode="json", by_alias=True)
    row = RecordCatalog(number=before.number + 1, content=content, sha256=sha256, reason=reason, org_path=actor.org)
    row.by_org, row.at = actor.org, clock.now()
    session.add(row)
    await session.flush()
    key = {"organization": code_of(actor.org), "number": str(row.number)}
    note(session, actor, "record_catalog.published", "/".join(key.values()), {"sha256": sha256})
    await record_changes(session, "record_catalogs", Operation.UPSERTED, [(row.org_path, key)])
    return InForce(row.number, sha256, catalog)


def _hash(catalog: Catalog) -> str:
    content = json.dumps(catalog.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
