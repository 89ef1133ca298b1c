"""Routes of audits: asked for, read, and the questions they raise answered."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.student_eval.archive_audits import repository, service
from services.student_eval.archive_audits.rules import FindingState
from services.student_eval.archive_audits.schemas import (
    AuditOut,
    FindingOut,
    ReferIn,
    Term,
    audit_out,
    finding_out,
)
from services.student_eval.archive_audits.tables import ArchiveFinding
from services.student_eval.archive_cancellations.opening import Opening
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kits.fields import ReasonIn
from shared.scoring.forensics.base import FindingKind
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/archive-audits/{org}/{term}", tags=["archive audits"])
Runner = Annotated[Actor, Depends(PERMISSIONS.requires("archive_audits.run"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("archive_audits.read"))]
Answerer = Annotated[Actor, Depends(PERMISSIONS.requires("archive_findings.answer"))]
TermPath = Annotated[Term, Path(examples=["2026-2027-1"])]


@router.post(":run", status_code=202, response_model=JobOut, summary="核查本学期记录 / Look at a term's records")
async def run_audit(org: OrgCode, term: TermPath, request: Request, session: Session, actor: Runner) -> JSONResponse:
    return job_accepted(request, await service.ask_audit(session, org_path=path_of(org), term=term, actor=actor))


@router.get("", summary="核查结果 / The newest audit: counts by kind")
async def read_audit(org: OrgCode, term: TermPath, session: Session, actor: Reader) -> AuditOut:
    row = await repository.newest_audit(session, actor, path_of(org), term)
    states = await repository.state_counts(session, actor, row.org_path, term)
    return audit_out(row, {kind: dict(counts) for kind, counts in states.items()})


@router.get("/findings", summary="待核实事项 / Questions to be answered by the school")
async def list_findings(
    org: OrgCode,
    term: TermPath,
    session: Session,
    actor: Answerer,
    page: Paging,
    kind: Annotated[FindingKind | None, Query()] = None,
    state: Annotated[FindingState | None, Query()] = None,
) -> Page[FindingOut]:
    statement = repository.findings_of(actor, path_of(org), term, kind=kind, state=state)
    note(session, actor, "archive_findings.read", f"{org}/{term}")
    return Page(**await fetch_page(session, statement, page, key=[ArchiveFinding.id], present=finding_out))


@router.post("/findings/{finding_id}:clear", summary="核实无误 / There is nothing to it (If-Match)")
async def clear_finding(
    org: OrgCode,
    term: TermPath,
    finding_id: uuid.UUID,
    body: ReasonIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Answerer,
) -> FindingOut:
    row = await _locked(session, actor, org, term, finding_id, request)
    return _told(await service.take_step(session, row=row, action="clear", reason=body.reason, actor=actor), response)


@router.post("/findings/{finding_id}:reopen", summary="重新核实 / Ask again (If-Match)")
async def reopen_finding(
    org: OrgCode,
    term: TermPath,
    finding_id: uuid.UUID,
    body: ReasonIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Answerer,
) -> FindingOut:
    row = await _locked(session, actor, org, term, finding_id, request)
    return _told(await service.take_step(session, row=row, action="reopen", reason=body.reason, actor=actor), response)


@router.post("/findings/{finding_id}:refer", summary="提出质疑或拟取消 / Open a doubt or cancellation (If-Match)")
async def refer_finding(
    org: OrgCode,
    term: TermPath,
    finding_id: uuid.UUID,
    body: ReferIn,
    request: Request,
    response: Response,
    session: Session,
    actor: Answerer,
    procedures: Opening,
) -> FindingOut:
    row = await _locked(session, actor, org, term, finding_id, request)
    row = await service.refer(
        session, row=row, records=body.records, reason=body.reason, procedures=procedures, actor=actor
    )
    return _told(row, response)


async def _locked(
    session: Session, actor: Actor, org: str, term: str, finding_id: uuid.UUID, request: Request
) -> ArchiveFinding:
    row = await repository.finding_for_update(session, actor, path_of(org), term, finding_id)
    require_match(request, row.version)
    return row


def _told(row: ArchiveFinding, response: Response) -> FindingOut:
    response.headers["ETag"] = etag(row.version)
    return finding_out(row)
