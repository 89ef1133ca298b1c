"""Route of a school's printed report: the same figures as its profile and explanation, for whoever may read those."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.school_eval.campaigns.repository import campaign_by_code
from services.school_eval.results.endpoints import Code, Reader, School, Version, view_of
from services.school_eval.results.printing.document import printed_result
from services.school_eval.results.printing.template import SCHOOL_REPORT
from services.school_eval.results.schemas import explanation_out
from services.school_eval.results.service import reading
from shared.kernel.printing.cache import PrintedReports, content_key
from shared.kernel.printing.typesetter import PRINTERS, typeset
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.route import Session, TransactionalRoute

router = APIRouter(route_class=TransactionalRoute, prefix="/campaigns/{code}", tags=["results"])
PDF = "application/pdf"


@router.get(
    "/results/schools/{school_code}:pdf",
    response_class=Response,
    responses={200: {"description": "学校评价报告 / the report", "content": {PDF: {}}}},
    summary="学校评价报告（PDF） / A school's report as PDF",
)
async def print_school_report(
    code: Code, school_code: School, request: Request, session: Session, actor: Reader, version: Version = None
) -> Response:
    view = await view_of(request, session, code, actor, version)
    reading.require_school(view, school_code)
    campaign = await campaign_by_code(session, actor, code)
    profile = await asyncio.to_thread(view.profile, school_code)
    explained = await asyncio.to_thread(view.explanation, school_code)
    explanation = explanation_out(explained, campaign=code, version=view.result.version)
    content = printed_result(profile, explanation, campaign=campaign.definition["name"])
    key = content_key(SCHOOL_REPORT, content)
    headers = {"ETag": etag(key), "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if (known := not_modified(request, headers["ETag"])) is not None:
        return known
    pdf = await _printed(request, key, content, timestamp=int(view.result.computed_at.timestamp()))
    name = f"{code}-{view.result.version}-{school_code}.pdf"
    return Response(pdf, media_type=PDF, headers=headers | {"Content-Disposition": f'inline; filename="{name}"'})


async def _printed(request: Request, key: str, content: dict[str, object], *, timestamp: int) -> bytes:
    state = request.app.state
    if not hasattr(state, "printed_reports"):
        state.printed_reports = PrintedReports()
    kept: PrintedReports = state.printed_reports
    pdf = kept.get(key)
    if pdf is None:
        loop = asyncio.get_running_loop()
        pdf = await loop.run_in_executor(PRINTERS, lambda: typeset(SCHOOL_REPORT, content, timestamp=timestamp))
        kept.put(key, pdf)
    return pdf
