"""Routes of pictures of classes, schools, counties, and of figures for those who evaluate schools."""

import asyncio
import hashlib
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from services.student_eval.development_results.schemas import PictureOut
from services.student_eval.development_results.service import picturing
from services.student_eval.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.web.fields import OwnCode, SchoolYear
from shared.kernel.web.organizations import OrgCode, path_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

pictures = APIRouter(route_class=TransactionalRoute, prefix="/developments", tags=["development"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("developments.pictures"))]
Evaluators = Annotated[Actor, Depends(PERMISSIONS.requires("developments.roll_up"))]
Year = Annotated[SchoolYear, Path()]
Scheme = Annotated[OwnCode, Query(description="评价方案 / scheme")]
By = Annotated[Literal["grade_level", "class_code", "school_code", "county_code"], Query()]
PARQUET = "application/vnd.apache.parquet"


@pictures.get(
    "/{school_year}/{org}/picture", summary="五育画像 / The dimensions of a class, school or county in grades"
)
async def read_picture(
    school_year: Year,
    org: OrgCode,
    session: Session,
    actor: Reader,
    semester: Annotated[int, Query(ge=1, le=2)],
    scheme: Scheme = "compulsory_student",
    by: By = "grade_level",
    level: Annotated[Literal["dimension", "indicator"], Query()] = "dimension",
) -> PictureOut:
    return await picturing.picture(
        session,
        org_path=path_of(org),
        school_year=school_year,
        semester=semester,
        scheme=scheme,
        by=by,
        depth=1 if level == "dimension" else 2,
        actor=actor,
    )


@pictures.get(
    "/{school_year}/roll-up:download",
    response_class=Response,
    summary="学校汇总数据（Parquet） / Figures of schools out of their pupils' development, as Parquet",
)
async def download_roll_up(
    school_year: Year, session: Session, actor: Evaluators, scheme: Scheme = "compulsory_student"
) -> Response:
    frame = await picturing.roll_up(session, school_year=school_year, scheme=scheme, actor=actor)
    target = io.BytesIO()
    await asyncio.to_thread(frame.write_parquet, target)
    content = target.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    note(session, actor, "developments.rolled_up", f"{school_year}/{scheme}", {"rows": frame.height, "sha256": digest})
    return Response(content, media_type=PARQUET, headers={"X-Content-SHA256": digest})
