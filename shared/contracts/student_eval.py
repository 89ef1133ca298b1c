"""What student evaluation promises other services: figures of schools out of pupils' development; a client and a fake."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

import polars as pl

from shared.kernel.client import GatewayClient, RemoteRefusalError
from shared.terms.errors import DomainError

PREFIX = "/api/v1/student-eval"
_CHECKSUM = "x-content-sha256"

ROLL_UP_SCHEMA: dict[str, pl.DataType] = {
    "unit_code": pl.String(),
    "key": pl.String(),
    "value": pl.Float64(),
    "member_count": pl.Int64(),
    "covered_rate": pl.Float64(),
    "semester": pl.Int64(),
}
"""Columns of :meth:`StudentEval.roll_up`, by school and key, named as in :mod:`shared.scoring.scheme.roll_up`.

``member_count`` is the pupils with a result, ``covered_rate`` their classes' part of all pupils in opened classes (0 to 1).
"""


class StudentEval(Protocol):
    """What other services may ask student evaluation; answers are what the caller may see, never of a pupil."""

    async def roll_up(self, *, school_year: str, scheme: str) -> pl.DataFrame:
        """Figures of every school that told its pupils' development in a year (``ROLL_UP_SCHEMA``)."""
        ...


class StudentEvalClient(GatewayClient):
    """Student evaluation behind the gateway."""

    async def roll_up(self, *, school_year: str, scheme: str) -> pl.DataFrame:
        """Figures of every school that told its pupils' development in a year (``ROLL_UP_SCHEMA``).

        Empty where the scheme was never adopted.
        """
        path = f"{PREFIX}/developments/{school_year}/roll-up:download"
        try:
            answer = await self.request("GET", path, params={"scheme": scheme})
        except RemoteRefusalError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return pl.DataFrame(schema=ROLL_UP_SCHEMA)
        if answer.headers.get(_CHECKSUM) != hashlib.sha256(answer.content).hexdigest():
            raise DomainError("server.unavailable", params={"what": path})
        return pl.read_parquet(io.BytesIO(answer.content)).select(
            pl.col(name).cast(dtype) for name, dtype in ROLL_UP_SCHEMA.items()
        )


class FakeStudentEval:
    """Student evaluation in memory, for tests of other services.

    Args:
        rolled: by school year and scheme a frame of ``ROLL_UP_SCHEMA``.
    """

    def __init__(self, rolled: Mapping[tuple[str, str], pl.DataFrame]) -> None:
        self._rolled = dict(rolled)

    async def roll_up(self, *, school_year: str, scheme: str) -> pl.DataFrame:
        """Figures, as the service gives them."""
        return self._rolled.get((school_year, scheme), pl.DataFrame(schema=ROLL_UP_SCHEMA))
