"""Routes of schemes and their versions: reading, and publishing a draft as the next version."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from shared.kernel import clock
from shared.kernel.web.etag import etag
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.permissions import Permissions
from shared.kernel.web.route import Session
from shared.kits.schemes import repository
from shared.kits.schemes.answers import answer, matched
from shared.kits.schemes.fields import YAML, YAML_TEXT, AsOf, Code, Number
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.schemas import (
    PublishIn,
    SchemeOut,
    TreeOut,
    VersionOut,
    VersionsOut,
    scheme_out,
    tree_out,
    version_out,
)
from shared.kits.schemes.service import drafts
from shared.kits.schemes.service.reading import scheme_on
from shared.terms.actor import Actor


def add_reading(router: APIRouter, on: Schemes, permissions: Permissions) -> None:
    """What schemes and versions there are, and what they say."""
    reader = Depends(permissions.requires("schemes.read"))

    @router.get("", summary="评价方案列表 / List schemes")
    async def list_schemes(session: Session, actor: Annotated[Actor, reader], page: Paging) -> Page[SchemeOut]:
        statement = repository.schemes_of(on, actor)
        found = await fetch_page(session, statement, page, key=[on.table.code], present=lambda row: row)
        numbers = await repository.last_numbers(session, on, actor, [row.id for row in found["items"]])
        return Page(**found | {"items": [scheme_out(row, numbers.get(row.id)) for row in found["items"]]})

    @router.get("/{code}", summary="查询评价方案 / Read a scheme")
    async def read_scheme(
        code: Code, response: Response, session: Session, actor: Annotated[Actor, reader]
    ) -> SchemeOut:
        return await answer(session, on, await repository.scheme_by_code(session, on, actor, code), response, actor)

    @router.get("/{code}/versions", summary="版本列表 / Versions, newest first")
    async def list_versions(code: Code, session: Session, actor: Annotated[Actor, reader]) -> VersionsOut:
        row = await repository.scheme_by_code(session, on, actor, code)
        return VersionsOut(items=[version_out(each) for each in await repository.versions_of(session, on, actor, row)])

    @router.get("/{code}/versions/{number}", summary="某一版本的指标树 / A version as a tree, as of a day")
    async def read_version(
        code: Code, number: Number, session: Session, actor: Annotated[Actor, reader], as_of: AsOf = None
    ) -> TreeOut:
        version = await repository.version_of(session, on, actor, code, number)
        return tree_out(await scheme_on(version, as_of or clock.today()))

    @router.get(
        "/{code}/versions/{number}/document",
        response_class=PlainTextResponse,
        responses=YAML_TEXT,
        summary="某一版本的全文 / A version as YAML",
    )
    async def read_document(code: Code, number: Number, session: Session, actor: Annotated[Actor, reader]) -> Response:
        version = await repository.version_of(session, on, actor, code, number)
        return Response(version.document, media_type=YAML, headers={"ETag": etag(version.sha256)})


def add_publishing(router: APIRouter, on: Schemes, permissions: Permissions) -> None:
    """A draft becomes the next version."""
    publisher = Depends(permissions.requires("schemes.publish"))

    @router.post(
        "/{code}:publish", status_code=201, summary="发布草案 / Publish the draft as the next version (If-Match)"
    )
    async def publish_draft(
        code: Code, body: PublishIn, request: Request, session: Session, actor: Annotated[Actor, publisher]
    ) -> VersionOut:
        row = await matched(session, on, request, actor, code)
        return version_out(await drafts.publish(session, on=on, row=row, reason=body.reason, actor=actor))
