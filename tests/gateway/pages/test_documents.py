import json
from typing import Any

import pytest

from gateway.edge.exchange import Exchange
from gateway.edge.guard import BodyGuard
from gateway.edge.settings import Deadline
from gateway.edge.upstream import UpstreamError
from gateway.pages.documents import FRESH_SECONDS, RETRY_SECONDS, Documents

pytestmark = pytest.mark.anyio


class Service:
    """A service whose document the test controls."""

    name = "sample"

    def __init__(self) -> None:
        self.document: Any = {"paths": {}}
        self.asked = 0

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def forward(self, exchange: Exchange, guard: BodyGuard, deadline: Deadline) -> None: ...

    def circuit(self) -> str:
        return "closed"

    async def get(self, path: str, *, seconds: float) -> tuple[int, bytes]:
        self.asked += 1
        if self.document is None:
            raise UpstreamError("down")
        return 200, json.dumps(self.document).encode()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_documents_are_kept_renewed_and_outlive_their_service() -> None:
    service, clock = Service(), Clock()
    documents = Documents({"sample": service}, clock=clock)
    first = await documents.of("sample")
    assert await documents.of("sample") is first
    assert service.asked == 1
    clock.now += FRESH_SECONDS
    assert await documents.of("sample") is first
    assert service.asked == 2
    service.document = {"paths": {"/x": {}}}
    clock.now += FRESH_SECONDS
    assert await documents.of("sample") == service.document
    service.document = None
    clock.now += FRESH_SECONDS
    assert await documents.of("sample") == {"paths": {"/x": {}}}


@pytest.mark.parametrize("document", [None, [], {}, {"paths": []}])
async def test_a_service_without_a_document_is_asked_again_only_after_a_while(document: Any) -> None:
    service, clock = Service(), Clock()
    service.document = document
    documents = Documents({"sample": service}, clock=clock)
    for _ in range(3):
        assert await documents.all() == {"sample": None}
    assert service.asked == 1
    clock.now += RETRY_SECONDS
    service.document = {"paths": {}}
    assert await documents.all() == {"sample": {"paths": {}}}
