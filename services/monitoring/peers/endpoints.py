"""The route of unnamed peers."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.monitoring.peers.rules import BAND_CODES, band_edges
from services.monitoring.peers.schemas import PeerPosition, PeersOut
from services.monitoring.peers.service import shown_peers
from services.monitoring.results.answers import as_json, cache_headers, frames_of, unchanged
from services.monitoring.results.catalog import TABLES
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.parameters import Reader, Results
from services.monitoring.results.schemas import StatisticOut
from services.monitoring.results.service import read as service
from services.monitoring.results.service.read import Reading
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["results"])
School = Annotated[str | None, Query(max_length=40, description="学校用户可省略 / a school's own people leave it out")]


@router.get("/{code}/results/peers", response_model=PeersOut, summary="匿名同类学校 / A school among its unnamed peers")
async def read_peers(
    request: Request, session: Session, actor: Reader, reading: Results, school_code: School = None
) -> Response:
    school = school_code or reading.visibility.own_school
    if school is None:
        raise DomainError("results.school_needed")
    await service.require_place(session, reading, actor, {"school_code": school})
    if reading.visibility.own_school not in (None, school):
        raise DomainError("resource.not_found", params={"what": "school_code"})
    headers = cache_headers(request, actor, reading.content("comparison"))
    if answer := unchanged(request, headers):
        return answer
    items = await asyncio.to_thread(_positions, frames_of(request, reading), reading, school)
    body = PeersOut(
        exam=reading.exam.code,
        version=reading.result_set.version,
        school_code=school,
        bands=[dict(band) for band in band_edges()],
        items=items,
    )
    return as_json(body, headers)


def _positions(frames: ResultFrames, reading: Reading, school: str) -> list[PeerPosition]:
    rows = shown_peers(frames, reading.question("comparison"), school_code=school)
    return [_position(row) for row in rows.iter_rows(named=True)]


def _position(row: Mapping[str, Any]) -> PeerPosition:
    method = TABLES["comparison"].method
    interval = None if row["ci_low"] is None else (row["ci_low"], row["ci_high"])
    own = StatisticOut(
        value=row["value"], n=row["n"], se=row["se"], ci=interval, suppressed=False, method=method.id, version=method.version
    )  # fmt: skip
    shown = row["band"] is not None
    named = ("attribute", "grouping", "group_value", "metric", "subject", "model")
    return PeerPosition(
        **{name: row[name] for name in named},
        own=own,
        group_schools=row["group_schools"],
        group_mean=row["group_mean"],
        group_sd=row["group_sd"],
        band=row["band"],
        schools_in_band={code: row[code] for code in BAND_CODES} if shown else None,
        reason=row["reason"],
    )
