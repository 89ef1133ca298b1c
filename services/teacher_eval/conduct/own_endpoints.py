"""Routes of one's own cases: what one was told, and one's own words."""

from fastapi import APIRouter, Response

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.opened import CaseId, Own, OwnWriter, own
from services.teacher_eval.conduct.schemas import OwnCaseDetail, OwnCaseOut, OwnWordsIn, own_case, own_detail
from services.teacher_eval.conduct.service import cases
from services.teacher_eval.conduct.service.keeping import note_read
from services.teacher_eval.conduct.tables import ConductCase
from services.teacher_eval.whole_person import own_key, whole_person
from shared.kernel.web.etag import etag
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute

router = APIRouter(route_class=TransactionalRoute, prefix="/conduct-cases/mine", tags=["conduct"])


@router.get("", summary="本人的案件 / One's own cases, once one was told of them")
async def list_own_cases(session: Session, actor: Own, page: Paging) -> Page[OwnCaseOut]:
    async with whole_person(session, actor) as everywhere:
        statement = repository.cases_of_person(everywhere, own_key(actor))
        found = await fetch_page(session, statement, page, key=[ConductCase.id], present=own_case)
    note_read(session, actor, "own", len(found["items"]))
    return Page(**found)


@router.get("/{case_id}", summary="本人的案件详情 / One of one's own cases")
async def read_own_case(case_id: CaseId, response: Response, session: Session, actor: Own) -> OwnCaseDetail:
    row, there = await own(session, case_id, actor)
    response.headers["ETag"] = etag(row.version)
    return own_detail(row, await repository.entries_of(session, there, row, shown_only=True))


@router.post("/{case_id}:state", summary="本人陈述申辩 / One's own words, in writing")
async def state_own_words(
    case_id: CaseId, body: OwnWordsIn, response: Response, session: Session, actor: OwnWriter
) -> OwnCaseDetail:
    row, there = await own(session, case_id, actor, is_locked=True)
    await cases.state_own(session, row=row, text=body.text, actor=there)
    response.headers["ETag"] = etag(row.version)
    return own_detail(row, await repository.entries_of(session, there, row, shown_only=True))
