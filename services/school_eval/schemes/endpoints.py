"""Routes of indicator schemes: built-in ones, drafts, versions."""

import asyncio
import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from services.school_eval.permissions import PERMISSIONS
from services.school_eval.schemes import repository
from services.school_eval.schemes.built_in import built_in as built_in_scheme
from services.school_eval.schemes.built_in import built_ins
from services.school_eval.schemes.editing import with_node_added, with_node_replaced, without_node
from services.school_eval.schemes.parameters import YAML_BODY, document_in
from services.school_eval.schemes.schemas import (
    BuiltInsOut,
    FindingsOut,
    NewNodeIn,
    NodeIn,
    PublishIn,
    SchemeOut,
    TreeOut,
    VersionOut,
    VersionsOut,
    built_in_out,
    finding_out,
    scheme_out,
    tree_out,
    version_out,
)
from services.school_eval.schemes.service import drafts
from services.school_eval.schemes.service.checking import can_be_published, checked, readable
from services.school_eval.schemes.service.reading import scheme_on
from services.school_eval.schemes.tables import IndicatorScheme
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/schemes", tags=["schemes"])
built_in = APIRouter(route_class=TransactionalRoute, prefix="/built-in-schemes", tags=["schemes"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("schemes.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("schemes.write"))]
Publisher = Annotated[Actor, Depends(PERMISSIONS.requires("schemes.publish"))]
Code = Annotated[OwnCode, Path()]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Node = Annotated[str, Path(min_length=1, max_length=60)]
AsOf = Annotated[dt.date | None, Query(description="适用日，默认今天 / as of which day; today by default")]
_YAML = "application/yaml; charset=utf-8"
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"application/yaml": {"schema": {"type": "string"}}}}}


@built_in.get("", summary="内置评价方案 / Schemes that come with the platform")
async def list_built_in_schemes(session: Session, actor: Reader) -> BuiltInsOut:
    found = await asyncio.to_thread(built_ins)
    items = []
    for code, entry in found.items():
        row = await repository.find_scheme(session, actor, code)
        last = await repository.last_version(session, actor, row) if row else None
        items.append(built_in_out(entry.document, last.number if last else None))
    return BuiltInsOut(items=items)


@built_in.post(
    "/{code}:adopt", status_code=201, summary="采用内置方案 / Make a built-in scheme one's own and publish it"
)
async def adopt_built_in_scheme(code: Code, body: PublishIn, session: Session, actor: Publisher) -> VersionOut:
    entry = await asyncio.to_thread(built_in_scheme, code)
    row = await repository.find_own_scheme(session, actor, code)
    row, _ = await drafts.put_draft(session, code=code, text=entry.text, row=row, actor=actor)
    return version_out(await drafts.publish(session, row=row, reason=body.reason, actor=actor))


@router.get("", summary="评价方案列表 / List schemes")
async def list_schemes(session: Session, actor: Reader, page: Paging) -> Page[SchemeOut]:
    statement = visible(IndicatorScheme, actor)
    found = await fetch_page(session, statement, page, key=[IndicatorScheme.code], present=lambda row: row)
    numbers = await repository.last_numbers(session, actor, [row.id for row in found["items"]])
    return Page(**found | {"items": [scheme_out(row, numbers.get(row.id)) for row in found["items"]]})


@router.get("/{code}", summary="查询评价方案 / Read a scheme")
async def read_scheme(code: Code, response: Response, session: Session, actor: Reader) -> SchemeOut:
    return await _answer(session, await repository.scheme_by_code(session, actor, code), response, actor)


@router.put(
    "/{code}/draft",
    summary="导入草案全文 / Import a whole document as the draft (YAML or JSON; If-Match on a known scheme)",
    openapi_extra=YAML_BODY,
)
async def put_draft(code: Code, request: Request, response: Response, session: Session, actor: Writer) -> SchemeOut:
    text = await document_in(request)
    row = await repository.find_own_scheme(session, actor, code)
    if row is not None:
        require_match(request, row.version)
    row, is_new = await drafts.put_draft(session, code=code, text=text, row=row, actor=actor)
    response.status_code = 201 if is_new else 200
    return await _answer(session, row, response, actor)


@router.get("/{code}/draft", response_class=PlainTextResponse, responses=_TEXT, summary="草案全文 / The draft as YAML")
async def read_draft(code: Code, session: Session, actor: Writer) -> Response:
    row = await repository.scheme_by_code(session, actor, code)
    text = await drafts.draft_text(session, row=row, actor=actor)
    return Response(text, media_type=_YAML, headers={"ETag": etag(row.version)})


@router.delete("/{code}/draft", summary="放弃草案 / Throw the draft away (If-Match)")
async def discard_draft(code: Code, request: Request, response: Response, session: Session, actor: Writer) -> SchemeOut:
    row = await _matched(session, request, actor, code)
    return await _answer(session, await drafts.discard_draft(session, row=row, actor=actor), response, actor)


@router.get("/{code}/draft/tree", summary="草案树 / The draft as a tree, as of a day")
async def read_draft_tree(code: Code, session: Session, actor: Writer, as_of: AsOf = None) -> TreeOut:
    row = await repository.scheme_by_code(session, actor, code)
    document = await asyncio.to_thread(readable, await drafts.draft_text(session, row=row, actor=actor))
    return tree_out(document.as_of(as_of or clock.today()))


@router.get("/{code}/draft/findings", summary="检查草案 / Check the draft: everything found, with lines")
async def check_draft(code: Code, request: Request, session: Session, actor: Writer) -> FindingsOut:
    row = await repository.scheme_by_code(session, actor, code)
    _, findings = await asyncio.to_thread(checked, await drafts.draft_text(session, row=row, actor=actor))
    language = language_of(request.headers.get("accept-language"))
    items = [finding_out(each, language) for each in findings]
    return FindingsOut(can_be_published=can_be_published(findings), items=items)


@router.put("/{code}/draft/nodes/{node}", summary="改写一个节点 / Write one node of the draft anew (If-Match)")
async def put_node(
    code: Code, node: Node, body: NodeIn, request: Request, response: Response, session: Session, actor: Writer
) -> SchemeOut:
    row = await _matched(session, request, actor, code)
    row = await drafts.edit_draft(
        session, row=row, edit=lambda text: with_node_replaced(text, node, body.content), actor=actor
    )
    return await _answer(session, row, response, actor)


@router.post("/{code}/draft/nodes", summary="新增一个节点 / Add a node to the draft (If-Match)")
async def add_node(
    code: Code, body: NewNodeIn, request: Request, response: Response, session: Session, actor: Writer
) -> SchemeOut:
    row = await _matched(session, request, actor, code)
    row = await drafts.edit_draft(
        session, row=row, edit=lambda text: with_node_added(text, body.parent, body.content), actor=actor
    )
    return await _answer(session, row, response, actor)


@router.delete("/{code}/draft/nodes/{node}", summary="删除一个节点 / Take a node out of the draft (If-Match)")
async def remove_node(
    code: Code, node: Node, request: Request, response: Response, session: Session, actor: Writer
) -> SchemeOut:
    row = await _matched(session, request, actor, code)
    row = await drafts.edit_draft(session, row=row, edit=lambda text: without_node(text, node), actor=actor)
    return await _answer(session, row, response, actor)


@router.post("/{code}:publish", status_code=201, summary="发布草案 / Publish the draft as the next version (If-Match)")
async def publish_draft(
    code: Code, body: PublishIn, request: Request, session: Session, actor: Publisher
) -> VersionOut:
    row = await _matched(session, request, actor, code)
    return version_out(await drafts.publish(session, row=row, reason=body.reason, actor=actor))


@router.get("/{code}/versions", summary="版本列表 / Versions, newest first")
async def list_versions(code: Code, session: Session, actor: Reader) -> VersionsOut:
    row = await repository.scheme_by_code(session, actor, code)
    return VersionsOut(items=[version_out(each) for each in await repository.versions_of(session, actor, row)])


@router.get("/{code}/versions/{number}", summary="某一版本的指标树 / A version as a tree, as of a day")
async def read_version(code: Code, number: Number, session: Session, actor: Reader, as_of: AsOf = None) -> TreeOut:
    version = await repository.version_of(session, actor, code, number)
    return tree_out(await scheme_on(version, as_of or clock.today()))


@router.get(
    "/{code}/versions/{number}/document",
    response_class=PlainTextResponse,
    responses=_TEXT,
    summary="某一版本的全文 / A version as YAML",
)
async def read_document(code: Code, number: Number, session: Session, actor: Reader) -> Response:
    version = await repository.version_of(session, actor, code, number)
    return Response(version.document, media_type=_YAML, headers={"ETag": etag(version.sha256)})


async def _matched(session: Session, request: Request, actor: Actor, code: str) -> IndicatorScheme:
    row = await repository.own_scheme_for_update(session, actor, code)
    require_match(request, row.version)
    return row


async def _answer(session: Session, row: IndicatorScheme, response: Response, actor: Actor) -> SchemeOut:
    await session.refresh(row)
    response.headers["ETag"] = etag(row.version)
    last = await repository.last_version(session, actor, row)
    return scheme_out(row, last.number if last else None)
