"""Health and metrics of a service: alive, ready, measured."""

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.kernel.context import kernel_of
from shared.kernel.web.permissions import public


def health_router() -> APIRouter:
    """Routes ``/health/live``, ``/health/ready`` and ``/metrics``; the gateway does not pass them on."""
    router = APIRouter(tags=["health"], dependencies=[Depends(public)], include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready")
    async def ready(request: Request, response: Response) -> dict[str, object]:
        kernel = kernel_of(request)
        checks = {"database": await kernel.database.is_reachable()}
        if kernel.store is not None:
            checks["store"] = kernel.store.root.is_dir()
        if not all(checks.values()):
            response.status_code = 503
        return {"status": "ready" if all(checks.values()) else "not_ready", "checks": checks}

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
