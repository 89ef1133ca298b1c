"""Routes of a scheme's draft: the whole text, what is found in it, and its nodes one by one."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from shared.kernel import clock
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.permissions import Permissions
from shared.kernel.web.problems import language_of
from shared.kernel.web.route import Session
from shared.kits.schemes import repository
from shared.kits.schemes.answers import answer, matched
from shared.kits.schemes.editing import with_node_added, with_node_replaced, without_node
from shared.kits.schemes.fields import YAML, YAML_TEXT, AsOf, Code, Node
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.parameters import YAML_BODY, document_in
from shared.kits.schemes.schemas import (
    FindingsOut,
    NewNodeIn,
    NodeIn,
    SchemeOut,
    TreeOut,
    finding_out,
    tree_out,
)
from shared.kits.schemes.service import drafts
from shared.kits.schemes.service.checking import can_be_published, checked, readable
from shared.terms.actor import Actor


def add_draft(router: APIRouter, on: Schemes, permissions: Permissions) -> None:
    """The draft as a whole: imported, read, thrown away, checked."""
    writer = Depends(permissions.requires("schemes.write"))

    @router.put(
        "/{code}/draft",
        summary="导入草案全文 / Import a whole document as the draft (YAML or JSON; If-Match on a known scheme)",
        openapi_extra=YAML_BODY,
    )
    async def put_draft(
        code: Code, request: Request, response: Response, session: Session, actor: Annotated[Actor, writer]
    ) -> SchemeOut:
        text = await document_in(request)
        row = await repository.find_own_scheme(session, on, actor, code)
        if row is not None:
            require_match(request, row.version)
        row, is_new = await drafts.put_draft(session, on=on, code=code, text=text, row=row, actor=actor)
        response.status_code = 201 if is_new else 200
        return await answer(session, on, row, response, actor)

    @router.get(
        "/{code}/draft", response_class=PlainTextResponse, responses=YAML_TEXT, summary="草案全文 / The draft as YAML"
    )
    async def read_draft(code: Code, session: Session, actor: Annotated[Actor, writer]) -> Response:
        row = await repository.scheme_by_code(session, on, actor, code)
        text = await drafts.draft_text(session, on=on, row=row, actor=actor)
        return Response(text, media_type=YAML, headers={"ETag": etag(row.version)})

    @router.delete("/{code}/draft", summary="放弃草案 / Throw the draft away (If-Match)")
    async def discard_draft(
        code: Code, request: Request, response: Response, session: Session, actor: Annotated[Actor, writer]
    ) -> SchemeOut:
        row = await matched(session, on, request, actor, code)
        return await answer(session, on, await drafts.discard_draft(session, row=row, actor=actor), response, actor)

    @router.get("/{code}/draft/tree", summary="草案树 / The draft as a tree, as of a day")
    async def read_draft_tree(
        code: Code, session: Session, actor: Annotated[Actor, writer], as_of: AsOf = None
    ) -> TreeOut:
        row = await repository.scheme_by_code(session, on, actor, code)
        document = await asyncio.to_thread(readable, await drafts.draft_text(session, on=on, row=row, actor=actor))
        return tree_out(document.as_of(as_of or clock.today()))

    @router.get("/{code}/draft/findings", summary="检查草案 / Check the draft: everything found, with lines")
    async def check_draft(
        code: Code, request: Request, session: Session, actor: Annotated[Actor, writer]
    ) -> FindingsOut:
        row = await repository.scheme_by_code(session, on, actor, code)
        text = await drafts.draft_text(session, on=on, row=row, actor=actor)
        _, findings = await asyncio.to_thread(checked, on, text)
        language = language_of(request.headers.get("accept-language"))
        items = [finding_out(each, language) for each in findings]
        return FindingsOut(can_be_published=can_be_published(findings), items=items)


def add_nodes(router: APIRouter, on: Schemes, permissions: Permissions) -> None:
    """One node of the draft: written anew, added, taken out."""
    writer = Depends(permissions.requires("schemes.write"))

    @router.put("/{code}/draft/nodes/{node}", summary="改写一个节点 / Write one node of the draft anew (If-Match)")
    async def put_node(
        code: Code,
        node: Node,
        body: NodeIn,
        request: Request,
        response: Response,
        session: Session,
        actor: Annotated[Actor, writer],
    ) -> SchemeOut:
        row = await matched(session, on, request, actor, code)
        row = await drafts.edit_draft(
            session, on=on, row=row, edit=lambda text: with_node_replaced(text, node, body.content), actor=actor
        )
        return await answer(session, on, row, response, actor)

    @router.post("/{code}/draft/nodes", summary="新增一个节点 / Add a node to the draft (If-Match)")
    async def add_node(
        code: Code,
        body: NewNodeIn,
        request: Request,
        response: Response,
        session: Session,
        actor: Annotated[Actor, writer],
    ) -> SchemeOut:
        row = await matched(session, on, request, actor, code)
        row = await drafts.edit_draft(
            session, on=on, row=row, edit=lambda text: with_node_added(text, body.parent, body.content), actor=actor
        )
        return await answer(session, on, row, response, actor)

    @router.delete("/{code}/draft/nodes/{node}", summary="删除一个节点 / Take a node out of the draft (If-Match)")
    async def remove_node(
        code: Code,
        node: Node,
        request: Request,
        response: Response,
        session: Session,
        actor: Annotated[Actor, writer],
    ) -> SchemeOut:
        row = await matched(session, on, request, actor, code)
        row = await drafts.edit_draft(session, on=on, row=row, edit=lambda text: without_node(text, node), actor=actor)
        return await answer(session, on, row, response, actor)
