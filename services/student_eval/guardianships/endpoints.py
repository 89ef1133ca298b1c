"""Routes of guardianships: entered by the school, looked at by those they are about."""

import asyncio
import io
import uuid
from typing import Annotated, Literal

import polars as pl
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.student_eval.ages import age_of_actor, ages_at
from services.student_eval.enrolled import enrolled_at
from services.student_eval.guardianships import repository, service
from services.student_eval.guardianships.access import own_pupils
from services.student_eval.guardianships.columns import STUDENT_KEY, refused_headers, template_columns
from services.student_eval.guardianships.schemas import (
    EndedOut,
    EndIn,
    GuardianshipIn,
    GuardianshipOut,
    OwnGuardiansOut,
    OwnPupilsOut,
    PersonKey,
    TakenOut,
    guardianship_out,
    own_out,
)
from services.student_eval.guardianships.service import Named
from services.student_eval.guardianships.tables import Guardianship
from services.student_eval.guardianships.taking import take_file
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.tabular.templates import write_template_xlsx
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.fields import SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError, Fault

router = APIRouter(route_class=TransactionalRoute, prefix="/guardianships", tags=["guardianships"])
_WRITE, _OWN = PERMISSIONS.requires("guardianships.write"), PERMISSIONS.requires("guardianships.own")
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("guardianships.read"))]
Writer = Annotated[Actor, Depends(_WRITE)]
Person = Annotated[Actor, Depends(_OWN)]
Enrolled = Annotated[pl.DataFrame, Depends(enrolled_at(_WRITE))]
Ages = Annotated[dict[str, int], Depends(ages_at(_WRITE))]
OwnAge = Annotated[int | None, Depends(age_of_actor(_OWN))]
Year = Annotated[SchoolYear, Path()]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("", summary="监护关系列表 / List guardianships of a school")
async def list_guardianships(
    session: Session,
    actor: Reader,
    page: Paging,
    student_key: Annotated[PersonKey | None, Query()] = None,
    is_standing: Annotated[bool | None, Query(description="是否有效 / whether it stands")] = None,
) -> Page[GuardianshipOut]:
    statement = repository.guardianships_of(actor, student_key=student_key, is_standing=is_standing)
    return Page(**await fetch_page(session, statement, page, key=[Guardianship.id], present=guardianship_out))


@router.get("/template", response_class=Response, summary="导入模板 / Template to fill in")
async def read_guardianship_template(actor: Writer) -> Response:
    del actor
    target = io.BytesIO()
    await asyncio.to_thread(write_template_xlsx, template_columns(), target, sheet="监护关系")
    headers = {"Content-Disposition": 'attachment; filename="guardianships-template.xlsx"'}
    return Response(target.getvalue(), media_type=XLSX, headers=headers)


@router.get("/mine", summary="本人及被监护人 / Pupils whose data are one's own")
async def list_own(session: Session, actor: Person) -> OwnPupilsOut:
    return OwnPupilsOut(items=[own_out(own) for own in await own_pupils(session, actor)])


@router.get("/of-me", summary="本人的监护人 / A pupil's own guardians")
async def list_own_guardians(session: Session, actor: Person) -> OwnGuardiansOut:
    is_pupil = Role.STUDENT in actor.roles and actor.person is not None
    rows = await repository.standing_of_students(session, actor, [actor.person]) if is_pupil and actor.person else {}
    return OwnGuardiansOut(items=[guardianship_out(row) for row in rows.values()])


@router.post("/of-me:end", summary="成年后终止监护 / Of age, a pupil ends every guardianship")
async def end_of_age(session: Session, actor: Person, age: OwnAge) -> EndedOut:
    if Role.STUDENT not in actor.roles or actor.person is None:
        raise DomainError("resource.not_found", params={"what": "guardianship"})
    return EndedOut(ended=await service.end_of_age(session, actor, student_key=actor.person, age=age))


@router.post("/{org}:end-of-age", summary="终止已成年学生的监护关系 / End guardianships of pupils who are of age")
async def end_of_ages(
    org: OrgCode,
    ages: Ages,
    session: Session,
    actor: Writer,
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
) -> EndedOut:
    ended = await service.end_of_ages(session, actor, org_path=path_of(org), ages=ages, is_kept=not dry_run)
    return EndedOut(ended=ended)


@router.post("/{school_year}/{org}:import", summary="导入监护关系 / Take in a sheet of guardians")
async def import_guardians(
    school_year: Year,
    org: OrgCode,
    enrolled: Enrolled,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    dry_run: Annotated[bool, Query(description="只检查，不保存 / check only")] = False,
    atomic: Annotated[Literal["all", "row"], Query(description="all：有错则全不保存；row：保存无错的行")] = "all",
) -> TakenOut:
    del school_year
    taken = await take_file(
        session,
        actor,
        org_path=path_of(org),
        file=file,
        number_key=kernel_of(request).settings.key("person_key"),
        enrolled=frozenset(enrolled[STUDENT_KEY]),
        dry_run=dry_run,
        row_by_row=atomic == "row",
    )
    if atomic == "all" or refused_headers(taken.table.headers):
        taken.table.faults.raise_if_any("guardianship.file_refused")
    done = taken.entered
    counts = {"created": len(done.created), "changed": len(done.changed), "unchanged": len(done.unchanged)}
    return TakenOut(dry_run=dry_run, rows=taken.table.row_count, refused=taken.refused, sha256=file.sha256, **counts)


@router.post("/{school_year}/{org}", status_code=201, summary="登记监护人 / Enter a guardian of a pupil")
async def enter_guardian(
    school_year: Year, org: OrgCode, enrolled: Enrolled, body: GuardianshipIn, session: Session, actor: Writer
) -> GuardianshipOut:
    del school_year
    named = Named(body.student_key, body.guardian_key, body.relation, body.document)
    fault = service.fault_of(named)
    if body.student_key not in set(enrolled[STUDENT_KEY]):
        fault = ("student_key", "guardianship.not_enrolled")
    if fault is not None:
        raise DomainError("request.invalid", faults=[Fault(fault[1], pointer=f"/{fault[0]}")])
    done = await service.enter(session, actor, org_path=path_of(org), entries=[named], source="entered")
    return guardianship_out([*done.created, *done.changed, *done.unchanged][0])


@router.post("/{guardianship_id}:end", summary="终止监护关系 / End a guardianship, with a reason (If-Match)")
async def end_guardianship(
    guardianship_id: uuid.UUID, body: EndIn, request: Request, response: Response, session: Session, actor: Writer
) -> GuardianshipOut:
    row = await repository.guardianship_for_update(session, actor, guardianship_id)
    require_match(request, row.version)
    await service.end(session, actor, row=row, reason=body.reason, ended_on=body.ended_on)
    response.headers["ETag"] = etag(row.version)
    return guardianship_out(row)
