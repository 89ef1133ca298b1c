"""Who sees names: decided once per request, and noted in the audit log when names are shown."""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.intake.personal import masked_name
from services.roster.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.web.etag import etag
from shared.terms.actor import Actor


@dataclass(frozen=True, slots=True)
class PersonalView:
    """How personal fields of a collection look to this reader."""

    collection: str
    is_named: bool

    def name(self, name: str) -> str:
        """The name, or its mask."""
        return name if self.is_named else masked_name(name)

    def etag(self, version: int) -> str:
        """ETag of a row in this view; the masked and the open view of one version differ."""
        return etag(f"{version}-{'named' if self.is_named else 'masked'}")

    def note_read(self, session: AsyncSession, actor: Actor, obj: str, count: int) -> None:
        """Notes that names were read."""
        if self.is_named and count:
            note(session, actor, f"{self.collection}.names_read", obj, {"count": count})


@dataclass(frozen=True, slots=True)
class ViewOf:
    """Dependency: the reader's view of a collection."""

    collection: str

    async def __call__(self, request: Request) -> PersonalView:
        actor: Actor | None = request.state.actor
        is_named = actor is not None and PERMISSIONS.grants["people.read_personal"].allows(actor)
        return PersonalView(self.collection, is_named)
