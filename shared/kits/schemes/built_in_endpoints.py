"""Routes of the schemes that come with the platform."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends

from shared.kernel.web.permissions import Permissions
from shared.kernel.web.route import Session
from shared.kits.schemes import repository
from shared.kits.schemes.built_in import built_in, built_ins
from shared.kits.schemes.comparison_schemas import ExamplesOut, examples_out
from shared.kits.schemes.fields import Code
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.schemas import BuiltInsOut, PublishIn, VersionOut, built_in_out, version_out
from shared.kits.schemes.service import drafts
from shared.kits.schemes.service.examples import run_examples
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


def add_built_ins(router: APIRouter, on: Schemes, permissions: Permissions) -> None:
    """Reading and adopting those that judge whom this service judges."""
    reader, publisher = (Depends(permissions.requires(f"schemes.{action}")) for action in ("read", "publish"))

    @router.get("", summary="内置评价方案 / Schemes that come with the platform")
    async def list_built_in_schemes(session: Session, actor: Annotated[Actor, reader]) -> BuiltInsOut:
        items = []
        for code, entry in (await asyncio.to_thread(built_ins, on.subjects)).items():
            row = await repository.find_scheme(session, on, actor, code)
            last = await repository.last_version(session, on, actor, row) if row else None
            items.append(built_in_out(entry.document, last.number if last else None))
        return BuiltInsOut(items=items)

    @router.post(
        "/{code}:adopt", status_code=201, summary="采用内置方案 / Make a built-in scheme one's own and publish it"
    )
    async def adopt_built_in_scheme(
        code: Code, body: PublishIn, session: Session, actor: Annotated[Actor, publisher]
    ) -> VersionOut:
        entry = await asyncio.to_thread(built_in, on.subjects, code)
        row = await repository.find_own_scheme(session, on, actor, code)
        row, _ = await drafts.put_draft(session, on=on, code=code, text=entry.text, row=row, actor=actor)
        return version_out(await drafts.publish(session, on=on, row=row, reason=body.reason, actor=actor))

    @router.get("/{code}/examples", summary="内置方案的算例 / Worked examples of a built-in scheme, computed")
    async def run_built_in_examples(code: Code, actor: Annotated[Actor, reader]) -> ExamplesOut:
        del actor
        entry = await asyncio.to_thread(built_in, on.subjects, code)
        if entry.examples is None:
            raise DomainError("resource.not_found", params={"what": f"examples of {code}"})
        return examples_out(*await asyncio.to_thread(run_examples, entry.document, entry.examples))
