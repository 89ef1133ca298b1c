"""Code lists: read-only, from the shared vocabulary; public."""

from fastapi import APIRouter, Depends

from services.roster.code_lists.schemas import CodeListOut, CodeListSummary, CodeOut
from shared.kernel.web.paging import Page, Paging, page_of
from shared.kernel.web.permissions import public
from shared.kernel.web.route import TransactionalRoute
from shared.terms.codes import CodeList, code_lists
from shared.terms.errors import DomainError

router = APIRouter(
    route_class=TransactionalRoute,
    prefix="/code-lists",
    tags=["code lists"],
    dependencies=[Depends(public)],
)


def summary_out(codes: CodeList) -> CodeListSummary:
    """A code list without its codes."""
    return CodeListSummary(
        name=codes.name,
        title=dict(codes.title),
        source=codes.source,
        verified=codes.verified,
        complete=codes.complete,
        note=codes.note,
        count=len(codes.items),
    )


@router.get("", summary="代码表目录 / List the code lists")
async def list_code_lists(page: Paging) -> Page[CodeListSummary]:
    summaries = [summary_out(codes) for codes in code_lists().values()]
    return Page(**page_of(summaries, page, key=lambda codes: codes.name))


@router.get("/{name}", summary="代码表 / Read a code list")
async def read_code_list(name: str) -> CodeListOut:
    codes = code_lists().get(name)
    if codes is None:
        raise DomainError("resource.not_found", params={"what": f"code list {name}"})
    items = [CodeOut(code=item.code, zh=item.zh, en=item.en) for item in codes.items]
    return CodeListOut(**summary_out(codes).model_dump(), items=items)
