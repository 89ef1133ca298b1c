"""Routes that hold a scheme against something: an earlier version, worked examples."""

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from shared.kernel import clock
from shared.kernel.web.permissions import Permissions
from shared.kernel.web.route import Session
from shared.kits.schemes import repository
from shared.kits.schemes.comparison_schemas import ChangesOut, ExamplesOut, change_out, examples_out
from shared.kits.schemes.fields import AsOf, Code, Number
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.parameters import YAML_BODY, document_in
from shared.kits.schemes.service import drafts
from shared.kits.schemes.service.checking import readable
from shared.kits.schemes.service.examples import run_examples
from shared.kits.schemes.service.reading import scheme_on
from shared.scoring.scheme.diff import scheme_changes
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

Against = Annotated[int | None, Query(ge=1, description="对照版本 / the version compared; by default the one before")]
Before = Annotated[
    dt.date | None, Query(description="对照版本的适用日 / as of which day the other; the same by default")
]


def add_comparisons(router: APIRouter, on: Schemes, permissions: Permissions) -> None:
    """What a draft or a version changes, and what a draft makes of worked examples."""
    reader, writer = (Depends(permissions.requires(f"schemes.{action}")) for action in ("read", "write"))

    @router.get("/{code}/draft/changes", summary="草案改了什么 / What the draft changes")
    async def read_draft_changes(
        code: Code,
        session: Session,
        actor: Annotated[Actor, writer],
        against: Against = None,
        as_of: AsOf = None,
        before_on: Before = None,
    ) -> ChangesOut:
        row = await repository.scheme_by_code(session, on, actor, code)
        document = await asyncio.to_thread(readable, await drafts.draft_text(session, on=on, row=row, actor=actor))
        last = await repository.last_version(session, on, actor, row)
        number = against or (last.number if last else None)
        if number is None:
            raise DomainError("scheme.nothing_to_compare", params={"scheme": code})
        version = await repository.version_of(session, on, actor, code, number)
        day = as_of or clock.today()
        found = scheme_changes(await scheme_on(version, before_on or day), document.as_of(day))
        return ChangesOut(against=number, items=[change_out(each) for each in found])

    @router.get("/{code}/versions/{number}/changes", summary="版本之间的差异 / What differs between two versions")
    async def read_version_changes(
        code: Code,
        number: Number,
        session: Session,
        actor: Annotated[Actor, reader],
        against: Against = None,
        as_of: AsOf = None,
        before_on: Before = None,
    ) -> ChangesOut:
        other, day = against or number - 1, as_of or clock.today()
        if other < 1:
            raise DomainError("scheme.nothing_to_compare", params={"scheme": code})
        version = await repository.version_of(session, on, actor, code, number)
        earlier = await repository.version_of(session, on, actor, code, other)
        found = scheme_changes(await scheme_on(earlier, before_on or day), await scheme_on(version, day))
        return ChangesOut(against=other, items=[change_out(each) for each in found])

    @router.post(
        "/{code}/draft:run-examples",
        summary="用算例检验草案 / Compute worked examples by the draft (YAML or JSON)",
        openapi_extra=YAML_BODY,
    )
    async def run_draft_examples(
        code: Code, request: Request, session: Session, actor: Annotated[Actor, writer]
    ) -> ExamplesOut:
        text = await document_in(request)
        row = await repository.scheme_by_code(session, on, actor, code)
        document = await asyncio.to_thread(readable, await drafts.draft_text(session, on=on, row=row, actor=actor))
        return examples_out(*await asyncio.to_thread(run_examples, document, text))
