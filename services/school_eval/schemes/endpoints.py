"""Routes of schemes: those of the kit, and a draft over past campaigns."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.schemes.comparison_schemas import BackcastIn, BackcastOut
from services.school_eval.schemes.mounted import SCHEMES
from services.school_eval.schemes.past import backcast_draft
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.schemes import repository
from shared.kits.schemes.endpoints import schemes_routers
from shared.kits.schemes.fields import Code
from shared.kits.schemes.service import drafts
from shared.kits.schemes.service.checking import readable
from shared.terms.actor import Actor

backcasts = APIRouter(route_class=TransactionalRoute, tags=["schemes"])
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("schemes.write"))]


@backcasts.post(
    "/schemes/{code}/draft:back-cast",
    summary="回溯：草案用于以往数据 / The draft over past campaigns: who would have moved",
)
async def back_cast_draft(
    code: Code, body: BackcastIn, request: Request, session: Session, actor: Writer
) -> BackcastOut:
    row = await repository.scheme_by_code(session, SCHEMES, actor, code)
    document = await asyncio.to_thread(readable, await drafts.draft_text(session, on=SCHEMES, row=row, actor=actor))
    draft = document.as_of(body.as_of or clock.today())
    store = kernel_of(request).columns
    return BackcastOut(**await backcast_draft(session, draft=draft, campaigns=body.campaigns, actor=actor, store=store))


built_in, schemes = schemes_routers(SCHEMES, PERMISSIONS)
