"""Routes of the class teacher's words: judgements and comments of a class at once, groups of classmates."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from services.student_eval.development_terms.opened import TermOpened, open_term
from services.student_eval.development_terms.opened import opened as opened_term
from services.student_eval.development_terms.repository import term_for_update
from services.student_eval.development_terms.rules import require_near
from services.student_eval.development_terms.schemas import StudentKey
from services.student_eval.development_words import repository
from services.student_eval.development_words.rules import WordSource
from services.student_eval.development_words.schemas import (
    CommentsIn,
    PeerGroupIn,
    PeerGroupOut,
    PeerGroupsOut,
    StandingOut,
    TakenOut,
    WordsIn,
    WordsOut,
    group_out,
    word_out,
)
from services.student_eval.development_words.service import judging, speaking
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.web.fields import OwnCode
from shared.kernel.web.problems import MAX_FAULTS, fault_document, language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/development-terms/{term_id}", tags=["development"])
Nearby = Annotated[Actor, Depends(PERMISSIONS.requires("developments.judge"))]


async def _near(term_id: uuid.UUID, session: Session, actor: Nearby) -> TermOpened:
    opened = await open_term(session, term_id=term_id, actor=actor)
    require_near(actor, opened.term.teachers)
    return opened


async def _held(term_id: uuid.UUID, session: Session, actor: Nearby) -> TermOpened:
    return await open_term(session, term_id=term_id, actor=actor, is_held=True)


Near = Annotated[TermOpened, Depends(_near)]
Held = Annotated[TermOpened, Depends(_held)]


@router.post(
    "/judgements",
    status_code=207,
    response_model=TakenOut,
    summary="班主任评定（批量，逐行反馈） / The class teacher's levels of many pupils, row by row",
)
async def judge_pupils(body: WordsIn, opened: Held, request: Request, session: Session) -> JSONResponse:
    return _taken(await judging.judge(session, opened=opened, items=body.items), request)


@router.post(
    "/comments",
    status_code=207,
    response_model=TakenOut,
    summary="班主任评语（批量，逐行反馈） / The class teacher's comments to many pupils, row by row",
)
async def comment_pupils(body: CommentsIn, opened: Held, request: Request, session: Session) -> JSONResponse:
    return _taken(await judging.comment(session, opened=opened, items=body.items), request)


@router.get("/words", summary="各方评价 / What class teacher, pupil and guardians said of pupils")
async def list_words(
    opened: Near, session: Session, student_key: Annotated[list[StudentKey] | None, Query()] = None
) -> WordsOut:
    rows = await repository.last_words(session, opened.actor, opened.term.id, students=student_key)
    note(session, opened.actor, "development_term.words_read", str(opened.term.id), {"count": len(rows)})
    return WordsOut(items=[word_out(row) for row in rows])


@router.get("/standing", summary="完成情况 / Who still lacks a judgement or a comment")
async def read_standing(opened: Near, session: Session) -> StandingOut:
    words = await repository.last_words(session, opened.actor, opened.term.id)
    comments = await repository.comments_of(session, opened.actor, [opened.term.id])
    said = {source: {row.student_key for row in words if row.source == source} for source in WordSource}
    judged, commented = said[WordSource.CLASS_TEACHER], {row.student_key for row in comments}
    return StandingOut(
        students=len(opened.students),
        without_judgement=sorted(opened.students - judged),
        without_comment=sorted(opened.students - commented),
        self_evaluated=len(said[WordSource.SELF]),
        guardian_evaluated=len(said[WordSource.GUARDIANS]),
    )


@router.get("/peer-groups", summary="互评小组 / Groups of classmates, and how many sheets are in")
async def list_peer_groups(opened: Near, session: Session) -> PeerGroupsOut:
    groups = await repository.all_groups(session, opened.actor, opened.term.id)
    counts = await repository.sheet_counts(session, opened.actor, groups)
    return PeerGroupsOut(items=[group_out(group, counts.get(group.id, 0)) for group in groups])


@router.put("/peer-groups/{code}", summary="设置互评小组 / Make a group of classmates")
async def put_peer_group(
    term_id: uuid.UUID, code: Annotated[OwnCode, Path()], body: PeerGroupIn, session: Session, actor: Nearby
) -> PeerGroupOut:
    # Locked: two groups made at once would share a pupil.
    opened = await opened_term(session, await term_for_update(session, actor, term_id), actor)
    row = await speaking.put_group(session, opened=opened, code=code, members=body.members)
    return group_out(row, 0)


def _taken(taken: judging.Taken, request: Request) -> JSONResponse:
    language = language_of(request.headers.get("accept-language"))
    answer = TakenOut(
        written=taken.written,
        unchanged=taken.unchanged,
        refused=len(taken.faults),
        errors=[fault_document(fault, language) for fault in taken.faults[:MAX_FAULTS]],
    )
    return JSONResponse(answer.model_dump(mode="json"), 207)
