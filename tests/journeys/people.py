"""People who sign in at the platform's gateway, and what they do there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import polars as pl

from tests.journeys.platform import Platform
from tools.synthetic_city import CitySettings, build_city
from tools.synthetic_city.city import City
from tools.synthetic_city.places import roster_schools

CHOSEN = "a chosen password 8R"
OK = (200, 201, 202, 204)


def small_city(platform: Platform) -> tuple[City, pl.DataFrame]:
    """A synthetic city of thirty schools, and its compulsory schools as a vendor has just loaded them."""
    made = build_city(CitySettings(schools=30, pupils=900, seed=7))
    schools = roster_schools(made.schools, made.grades)
    compulsory = schools.filter(pl.col("school_type").is_in(["211", "311", "312"]))
    load(platform, "schools", compulsory)
    return made, compulsory


def load(platform: Platform, collection: str, rows: pl.DataFrame) -> None:
    """Loads rows into the roster as a vendor does."""
    headers = {"Content-Type": "text/csv"}
    path = f"/api/v1/roster/{collection}:import"
    sent = platform.ask("sample-vendor", "POST", path, content=rows.write_csv(), headers=headers)
    assert sent.status_code == 207, sent.text
    assert sent.json()["error_count"] == 0, sent.text[:800]


class People:
    """Accounts by short names, each signed up once."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._known: set[str] = set()

    def sign_up(self, name: str, role: str, org: str, person_key: str | None = None) -> None:
        """Makes an account with a password of its own; whoever has one signs in anew."""
        if name in self._known:
            self.sign_in(name)
            return
        body = {"username": user_of(name), "display_name": "旅程测试", "roles": [role], "org_path": org}
        made = self.post("city-admin", "/api/v1/identity/accounts", body | {"person_key": person_key})
        self._sign_in(name, made.json()["initial_password"])
        self._known.add(name)

    def sign_up_all(self, entries: Sequence[tuple[str, str, str, str | None]]) -> None:
        """Makes many accounts, some at a time: passwords are slow on purpose."""
        self.platform.token("city-admin")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda entry: self.sign_up(*entry), entries))

    def _sign_in(self, name: str, password: str) -> None:
        user = user_of(name)
        form = {"grant_type": "password", "username": user, "password": password}
        answer = self.platform.ask(None, "POST", "/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        self.platform.keep_token(user, answer.json())
        if password != CHOSEN:
            change = {"current_password": password, "new_password": CHOSEN}
            self.post(user, "/api/v1/identity/accounts/me/password", change)
            self._sign_in(name, CHOSEN)

    def sign_in(self, name: str) -> None:
        """Somebody signs in again, whose token has run out."""
        self._sign_in(name, CHOSEN)

    def let_days_pass(self, days: int, *awaited: str) -> None:
        """Time goes on, and those who are awaited sign in again."""
        self.platform.let_days_pass(days)
        for name in awaited:
            self.sign_in(name)

    def post(self, who: str, path: str, body: Any = None, status: int | tuple[int, ...] = OK) -> httpx.Response:
        """A step that succeeds, or is refused as expected."""
        answer = self.platform.ask(who, "POST", path, json={} if body is None else body)
        wanted = (status,) if isinstance(status, int) else status
        assert answer.status_code in wanted, (path, answer.status_code, answer.text[:800])
        return answer

    def job(self, who: str, answer: httpx.Response) -> dict[str, Any]:
        """The result of the job of a 202 answer."""
        job = self.platform.finished_job(who, answer.headers["location"])
        assert job["state"] == "succeeded", job["problem"]
        result: dict[str, Any] = job["result"]
        return result


def user_of(name: str) -> str:
    """The user name of an account."""
    return f"journey-{name}".lower()
