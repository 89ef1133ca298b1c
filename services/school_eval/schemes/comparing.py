"""Routes that hold a draft against something: an earlier version, worked examples, past campaigns."""

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.schemes import repository
from services.school_eval.schemes.built_in import built_in
from services.school_eval.schemes.comparison_schemas import (
    BackcastIn,
    BackcastOut,
    ChangesOut,
    ExamplesOut,
    change_out,
    examples_out,
)
from services.school_eval.schemes.parameters import YAML_BODY, document_in
from services.school_eval.schemes.service import drafts
from services.school_eval.schemes.service.checking import readable
from services.school_eval.schemes.service.examples import run_examples
from services.school_eval.schemes.service.past import backcast_draft
from services.school_eval.schemes.service.reading import scheme_on
from shared.kernel import clock
from shared.kernel.context import kernel_of
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.route import Session, TransactionalRoute
from shared.scoring.scheme.diff import scheme_changes
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, tags=["schemes"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("schemes.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("schemes.write"))]
Code = Annotated[OwnCode, Path()]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Against = Annotated[int | None, Query(ge=1, description="对照版本 / the version compared; by default the one before")]
AsOf = Annotated[dt.date | None, Query(description="适用日，默认今天 / as of which day; today by default")]
Before = Annotated[
    dt.date | None, Query(description="对照版本的适用日 / as of which day the other; the same by default")
]


@router.get("/schemes/{code}/draft/changes", summary="草案改了什么 / What the draft changes")
async def read_draft_changes(
    code: Code, session: Session, actor: Writer, against: Against = None, as_of: AsOf = None, before_on: Before = None
) -> ChangesOut:
    row = await repository.scheme_by_code(session, actor, code)
    document = await asyncio.to_thread(readable, await drafts.draft_text(session, row=row, actor=actor))
    last = await repository.last_version(session, actor, row)
    number = against or (last.number if last else None)
    if number is None:
        raise DomainError("scheme.nothing_to_compare", params={"scheme": code})
    version = await repository.version_of(session, actor, code, number)
    day = as_of or clock.today()
    found = scheme_changes(await scheme_on(version, before_on or day), document.as_of(day))
    return ChangesOut(against=number, items=[change_out(each) for each in found])


@router.get("/schemes/{code}/versions/{number}/changes", summary="版本之间的差异 / What differs between two versions")
async def read_version_changes(
    code: Code,
    number: Number,
    session: Session,
    actor: Reader,
    against: Against = None,
    as_of: AsOf = None,
    before_on: Before = None,
) -> ChangesOut:
    other, day = against or number - 1, as_of or clock.today()
    if other < 1:
        raise DomainError("scheme.nothing_to_compare", params={"scheme": code})
    version = await repository.version_of(session, actor, code, number)
    earlier = await repository.version_of(session, actor, code, other)
    found = scheme_changes(await scheme_on(earlier, before_on or day), await scheme_on(version, day))
    return ChangesOut(against=other, items=[change_out(each) for each in found])


@router.post(
    "/schemes/{code}/draft:run-examples",
    summary="用算例检验草案 / Compute worked examples by the draft (YAML or JSON)",
    openapi_extra=YAML_BODY,
)
async def run_draft_examples(code: Code, request: Request, session: Session, actor: Writer) -> ExamplesOut:
    text = await document_in(request)
    row = await repository.scheme_by_code(session, actor, code)
    document = await asyncio.to_thread(readable, await drafts.draft_text(session, row=row, actor=actor))
    return examples_out(*await asyncio.to_thread(run_examples, document, text))


@router.get(
    "/built-in-schemes/{code}/examples", summary="内置方案的算例 / Worked examples of a built-in scheme, computed"
)
async def run_built_in_examples(code: Code, actor: Reader) -> ExamplesOut:  # noqa: ARG001 - the permission
    entry = await asyncio.to_thread(built_in, code)
    if entry.examples is None:
        raise DomainError("resource.not_found", params={"what": f"examples of {code}"})
    return examples_out(*await asyncio.to_thread(run_examples, entry.document, entry.examples))


@router.post(
    "/schemes/{code}/draft:back-cast",
    summary="回溯：草案用于以往数据 / The draft over past campaigns: who would have moved",
)
async def back_cast_draft(
    code: Code, body: BackcastIn, request: Request, session: Session, actor: Writer
) -> BackcastOut:
    row = await repository.scheme_by_code(session, actor, code)
    document = await asyncio.to_thread(readable, await drafts.draft_text(session, row=row, actor=actor))
    draft = document.as_of(body.as_of or clock.today())
    store = kernel_of(request).columns
    return BackcastOut(**await backcast_draft(session, draft=draft, campaigns=body.campaigns, actor=actor, store=store))
