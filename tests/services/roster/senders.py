"""Who writes to the roster in tests, and with what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx

from shared.terms.identity_number import check_character
from tests.support.settings import actor, bearer

YEAR = "2026-2027"
SCHOOL_A, SCHOOL_B = "2199000001", "2199000002"
PATH_A, PATH_B = f"99/9900/990001/{SCHOOL_A}/", f"99/9900/990001/{SCHOOL_B}/"


def citizen_number(serial: int, *, birth: str = "20150301") -> str:
    """A sound citizen number of the unassigned region 990001; an odd serial is male."""
    first = f"990001{birth}{serial % 1000:03d}"
    return first + check_character(first)


def pupil_number(serial: int) -> str:
    """A sound pupil number; serials beyond a thousand get other birth dates."""
    day = dt.date(2014, 9, 1) + dt.timedelta(days=serial // 1000)
    return "G" + citizen_number(serial, birth=f"{day:%Y%m%d}")


def school(code: str = SCHOOL_A, **changes: Any) -> dict[str, Any]:
    return {
        "name": f"测试学校{code}",
        "county_code": "990001",
        "school_type": "312",
        "stages": ["primary", "junior_secondary"],
        **changes,
    }


def pupil(serial: int, school_code: str = SCHOOL_A, **changes: Any) -> dict[str, Any]:
    return {
        "student_number": pupil_number(serial),
        "name": "张测试",
        "sex": "1" if serial % 2 else "2",
        "school_code": school_code,
        **changes,
    }


def enrollment(serial: int, school_code: str = SCHOOL_A, **changes: Any) -> dict[str, Any]:
    return {
        "student_number": pupil_number(serial),
        "school_year": YEAR,
        "school_code": school_code,
        "class_code": "c1",
        "grade_level": 6,
        **changes,
    }


def member(serial: int, school_code: str = SCHOOL_A, **changes: Any) -> dict[str, Any]:
    return {
        "citizen_number": citizen_number(serial, birth="19850607"),
        "name": "李老师",
        "sex": "1" if serial % 2 else "2",
        "school_code": school_code,
        **changes,
    }


class Sender:
    """One caller with one role at one organization."""

    def __init__(self, client: httpx.AsyncClient, role: str, org: str, *, scopes: tuple[str, ...] = ("*",)) -> None:
        self.client = client
        self.headers = bearer(actor(role, org, scopes=scopes))

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(path, params=params, headers=self.headers)

    async def put(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.client.put(path, json=body, headers=self.headers)

    async def put_school(self, code: str, **changes: Any) -> httpx.Response:
        return await self.put(f"/schools/{code}", school(code, **changes))

    async def put_class(self, school_code: str, class_code: str, **changes: Any) -> httpx.Response:
        body = {"name": "六（1）班", "grade_level": 6, **changes}
        return await self.put(f"/classes/{school_code}/{YEAR}/{class_code}", body)

    async def batch(self, collection: str, items: list[dict[str, Any]], **params: Any) -> httpx.Response:
        return await self.client.post(
            f"/{collection}:batch", json={"items": items}, params=params, headers=self.headers
        )

    async def upload(
        self, collection: str, content: bytes, *, media_type: str = "text/csv", **params: Any
    ) -> httpx.Response:
        headers = {**self.headers, "Content-Type": media_type}
        return await self.client.post(f"/{collection}:import", content=content, params=params, headers=headers)
