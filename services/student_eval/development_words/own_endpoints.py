"""Routes of the pupil's own words, of guardians' and of classmates'."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends

from services.student_eval.development_terms.opened import open_term
from services.student_eval.development_terms.schemas import StudentKey
from services.student_eval.development_words import repository
from services.student_eval.development_words.rules import PEERS, require_asked
from services.student_eval.development_words.schemas import (
    HandedInOut,
    OwnPeerGroupOut,
    OwnWordsIn,
    PeerSheetIn,
    WordsOut,
    word_out,
)
from services.student_eval.development_words.service import speaking
from services.student_eval.development_words.speakers import own_key, speaker_of
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.web.route import ForgettingRoute, Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/development-terms/{term_id}", tags=["development"])
#: Who said what of a classmate is kept nowhere, not as a fingerprint beside an account either; a sheet is taken once.
sheets = APIRouter(route_class=ForgettingRoute, prefix="/development-terms/{term_id}", tags=["development"])
Speaker = Annotated[Actor, Depends(PERMISSIONS.requires("developments.speak"))]


@router.get("/students/{student_key}/own-words", summary="自评或家长评价 / What one said oneself of a pupil")
async def read_own_words(term_id: uuid.UUID, student_key: StudentKey, session: Session, actor: Speaker) -> WordsOut:
    source, reader = await speaker_of(session, actor, student_key)
    opened = await open_term(session, term_id=term_id, actor=reader)
    opened.require_member(student_key)
    rows = await speaking.own_words(session, opened, student_key, source)
    return WordsOut(items=[word_out(row) for row in rows])


@router.post("/students/{student_key}/own-words", summary="填写自评或家长评价 / Say how one sees a pupil, all or none")
async def say_own_words(
    term_id: uuid.UUID, student_key: StudentKey, body: OwnWordsIn, session: Session, actor: Speaker
) -> WordsOut:
    source, reader = await speaker_of(session, actor, student_key)
    opened = await open_term(session, term_id=term_id, actor=reader, is_held=True)
    rows = await speaking.speak(session, opened=opened, student_key=student_key, source=source, items=body.items)
    return WordsOut(items=[word_out(row) for row in rows])


@router.get("/own-peer-group", summary="本人的互评小组 / Whom one is asked to describe")
async def read_own_peer_group(term_id: uuid.UUID, session: Session, actor: Speaker) -> OwnPeerGroupOut:
    rater = own_key(actor)
    opened = await open_term(session, term_id=term_id, actor=actor)
    group = await speaking.own_group(session, opened=opened, rater=rater)
    names = {member["student_key"]: member["name"] for member in opened.term.members}
    return OwnPeerGroupOut(
        code=group.code,
        classmates=[{"student_key": key, "name": names.get(key, "")} for key in group.members if key != rater],
        leaves=sorted(opened.asked_of(PEERS)),
        is_handed_in=await repository.has_handed_in(session, actor, group, rater),
    )


@sheets.post("/own-peer-group:hand-in", summary="提交互评（匿名，一次） / Describe classmates: once, without a name")
async def hand_in_peer_sheet(term_id: uuid.UUID, body: PeerSheetIn, session: Session, actor: Speaker) -> HandedInOut:
    rater = own_key(actor)
    opened = await open_term(session, term_id=term_id, actor=actor, is_held=True)
    require_asked(PEERS, opened.term.grade_level, opened.asked_of(PEERS))
    return HandedInOut(words=await speaking.hand_in(session, opened=opened, rater=rater, items=body.items))
