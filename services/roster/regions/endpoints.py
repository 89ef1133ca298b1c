"""Regions: read-only, from the shared vocabulary; public."""

from fastapi import APIRouter, Depends, Request

from services.roster.regions.schemas import RegionOut
from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging, page_of
from shared.kernel.web.permissions import public
from shared.kernel.web.route import TransactionalRoute
from shared.terms.errors import DomainError
from shared.terms.regions import Region, regions

router = APIRouter(
    route_class=TransactionalRoute,
    prefix="/regions",
    tags=["regions"],
    dependencies=[Depends(public)],
)


def region_out(region: Region) -> RegionOut:
    """A region as readers get it."""
    return RegionOut(
        code=region.code,
        level=region.level,
        name=dict(region.name),
        parent=region.parent,
        org_path=region.path,
        internal=region.internal,
        verified=region.verified,
        test=region.test,
        historic_codes=list(region.historic),
    )


def _regions(request: Request) -> list[RegionOut]:
    is_production = kernel_of(request).settings.env == "production"
    return [region_out(region) for region in regions(include_test=not is_production)]


@router.get("", summary="区划列表 / List regions")
async def list_regions(request: Request, page: Paging) -> Page[RegionOut]:
    return Page(**page_of(_regions(request), page, key=lambda region: region.code))


@router.get("/{code}", summary="区划 / Read a region")
async def read_region(code: str, request: Request) -> RegionOut:
    for region in _regions(request):
        if code in (region.code, *region.historic_codes):
            return region
    raise DomainError("resource.not_found", params={"what": f"region {code}"})
