"""The main job, end to end on real pupils: in through the gateway, and out of it."""

import hashlib
import io
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from demo.dataset import read_pupils
from demo.sheets import mark_sheets
from tests.journeys.platform import Platform

EXAM = "/api/v1/monitoring/exams/demo-bdf-2026"
MODEL = "arithmetic~arithmetic_intake[reml,raw]"
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "scoring" / "reference" / "lme4_bdf_arithmetic.json").read_text("utf-8")
)


def school_code(number: str) -> str:
    """The demonstration's code of a school of the data."""
    return f"2152{900_000 + int(number)}"


def all_items(platform: Platform, who: str, path: str, **params: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    first: dict[str, Any] = {}
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = platform.get(who, path, params={**params, **({"cursor": cursor} if cursor else {})})
        first = first or page
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return first, items


def test_a_newcomer_is_shown_the_results(platform: Platform) -> None:
    output = "".join(platform.output)
    assert output.count("2152900") >= 10  # the five highest and the five lowest schools
    for words in ("mark.above_full_mark", "/api/docs", "arithmetic", "ICC"):
        assert words in output


def test_discovery_names_the_methods_in_force(platform: Platform) -> None:
    methods = platform.get(None, "/api")["method_versions"]
    stored = platform.get("province", f"{EXAM}/results")["manifest"]["methods"]
    # An exam uses the methods of what it was registered with; the service has those of all exams.
    assert methods.items() >= {method["id"]: method["version"] for method in stored}.items()
    assert "value_added.random_intercept" in methods


def test_value_added_is_what_lme4_says(platform: Platform) -> None:
    answer, schools = all_items(platform, "province", f"{EXAM}/results/value-added", model=MODEL)
    model = answer["model"]
    terms = {entry["term"]: entry for entry in model["coefficients"]}
    assert list(terms) == ["intercept", "arithmetic_intake"]
    close = lambda value: pytest.approx(value, rel=1e-6)  # noqa: E731
    assert [entry["value"] for entry in terms.values()] == close(list(REFERENCE["fixef"].values()))
    assert [entry["se"] for entry in terms.values()] == close(REFERENCE["fixef_se"])
    assert model["tau2"] == close(REFERENCE["var_group"])
    assert model["sigma2"] == close(REFERENCE["var_resid"])
    effects = {item["school_code"]: item["effect"] for item in schools}
    assert len(effects) == 131
    for number, value in REFERENCE["ranef"].items():
        assert effects[school_code(number)]["value"] == pytest.approx(value, rel=1e-6, abs=1e-6)
        assert effects[school_code(number)]["se"] == close(REFERENCE["ranef_se"][number])


def test_a_published_file_is_what_the_manifest_says(platform: Platform) -> None:
    manifest = platform.get("province", f"{EXAM}/results")["manifest"]
    assert (manifest["counts"]["schools"], manifest["counts"]["candidates"]) == (131, 2287)
    asked = {"format": "parquet", "subject": "arithmetic"}
    answer = platform.ask("province", "GET", f"{EXAM}/results/summary:download", params=asked)
    [part] = [part for part in manifest["frames"]["summary"]["parts"] if part["value"] == "arithmetic"]
    assert hashlib.sha256(answer.content).hexdigest() == part["sha256"]
    city = pl.read_parquet(io.BytesIO(answer.content)).filter(level="city")
    assert city["n_sat"].to_list() == [2287]


def test_running_the_demonstration_again_changes_nothing(platform: Platform) -> None:
    before = platform.get("province", f"{EXAM}/results")
    exam = platform.get("city-admin", EXAM)["version"]
    again = platform.run_demo("load")
    assert again.returncode == 0, again.stdout + again.stderr
    assert platform.get("province", f"{EXAM}/results") == before
    assert platform.get("city-admin", EXAM)["version"] == exam


def test_a_schools_operator_gets_nothing_of_any_other_school(platform: Platform) -> None:
    codes = [item["school_code"] for item in all_items(platform, "city-admin", f"{EXAM}/participants")[1]]
    own, other = codes[0], codes[1]
    operator = log_in_as_operator(platform, own)
    county = platform.get("city-admin", f"/api/v1/roster/schools/{other}")["county_code"]
    known = {
        "code": "demo-bdf-2026",
        "school_code": other,
        "county_code": county,
        "student_key": all_items(platform, "city-admin", "/api/v1/roster/students", school_code=other)[1][0][
            "student_key"
        ],
    }
    asked = 0
    for path, operations in platform.get(None, "/api/openapi.json")["paths"].items():
        if "get" not in operations or not path.startswith("/api/v1/") or "{" in path.format_map(_Kept(known)):
            continue
        names_it = "{school_code}" in path or "{student_key}" in path
        for params in ({},) if names_it else ({}, {"school_code": other}, {"county_code": county}):
            answer = platform.ask(operator, "GET", path.format_map(_Kept(known)), params=params)
            asked += 1
            assert answer.status_code in ((403, 404) if names_it else (200, 400, 403, 404, 409, 422)), (
                path,
                answer.status_code,
            )
            if "/code-lists" not in path and answer.status_code == 200:
                assert other not in answer.text, path
    assert asked > 40
    sheet = {"content": b"candidate_id\n1\n", "headers": {"Content-Type": "text/csv"}}
    assert platform.ask(operator, "PUT", f"{EXAM}/mark-sheets/{other}", **sheet).status_code in (404, 409)
    school = {"name": "改名", "county_code": county, "school_type": "211", "stages": ["primary"]}
    assert platform.ask(operator, "PUT", f"/api/v1/roster/schools/{other}", json=school).status_code == 403


def log_in_as_operator(platform: Platform, school: str) -> str:
    """Makes an account at a school as the city's administrator does, and logs in with it."""
    county = platform.get("city-admin", f"/api/v1/roster/schools/{school}")["county_code"]
    name, chosen = "operator-journey", "a chosen password 8R"
    body = {
        "username": name,
        "display_name": "学校操作员",
        "roles": ["school_operator"],
        "org_path": f"52/5205/{county}/{school}/",
    }
    made = platform.ask("city-admin", "POST", "/api/v1/identity/accounts", json=body)
    assert made.status_code == 201, made.text
    first = made.json()["initial_password"]
    form = {"grant_type": "password", "username": name, "password": first}
    platform.keep_token(name, platform.ask(None, "POST", "/oauth/token", data=form).json())
    change = {"current_password": first, "new_password": chosen}
    changed = platform.ask(name, "POST", "/api/v1/identity/accounts/me/password", json=change)
    assert changed.status_code in (200, 204), changed.text
    answer = platform.ask(None, "POST", "/oauth/token", data={**form, "password": chosen})
    platform.keep_token(name, answer.json())
    return name


class _Kept(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def test_a_body_of_two_gigabytes_is_refused_before_it_is_read(platform: Platform) -> None:
    token = platform.token("sample-vendor")
    with socket.create_connection(("127.0.0.1", platform.port), 10) as connection:
        head = (
            f"PUT {EXAM}/mark-sheets/2152900001 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: text/csv\r\nContent-Length: {2 * 2**30}\r\n\r\n"
        )
        connection.sendall(head.encode())
        began = time.monotonic()
        answer = connection.recv(4096).decode()
    assert " 413 " in answer.splitlines()[0]
    assert time.monotonic() - began < 5


def test_marks_after_publication_are_refused_in_words(platform: Platform) -> None:
    answer = platform.ask(
        "sample-vendor",
        "PUT",
        f"{EXAM}/mark-sheets/2152900001",
        content=b"candidate_id,arithmetic\n1,2\n",
        headers={"Content-Type": "text/csv", "Accept-Language": "en"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "exam.not_collecting")
    page = platform.ask(None, "GET", answer.json()["type"])
    assert page.status_code == 200


def test_killing_the_worker_mid_analysis_changes_no_published_byte(platform: Platform) -> None:
    undisturbed = platform.get("city-admin", f"{EXAM}/results")["manifest"]
    drill = "/api/v1/monitoring/exams/drill-bdf"
    definition = platform.get("city-admin", EXAM)["definition"]
    assert platform.ask("city-admin", "PUT", drill, json=definition).status_code == 201
    succeeded(platform, platform.ask("city-admin", "POST", f"{drill}:open"))
    sheets = io.BytesIO()
    pl.concat([sheet.frame for sheet in mark_sheets(read_pupils())]).write_parquet(sheets)
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    batch = platform.ask(
        "sample-vendor", "POST", f"{drill}/mark-sheets:batch", content=sheets.getvalue(), headers=headers
    )
    assert succeeded(platform, batch)["result"]["outcome"] == "accepted"
    assert platform.ask("city-admin", "POST", f"{drill}:check", json={"days": 1}).status_code == 200
    for sheet in platform.get("sample-vendor", f"{drill}/mark-sheets?page_size=1000")["items"]:
        confirm = f"{drill}/mark-sheets/{sheet['school_code']}:confirm"
        assert platform.ask("sample-vendor", "POST", confirm, json={"sha256": sheet["sha256"]}).status_code == 200
    assert platform.ask("city-admin", "POST", f"{drill}:seal", json={}).status_code == 200
    victims = platform.workers()
    assert victims
    accepted = platform.ask("city-admin", "POST", f"{drill}:analyze")
    assert accepted.status_code == 202, accepted.text
    deadline = time.monotonic() + 20
    while platform.get("city-admin", accepted.headers["location"])["state"] == "queued" and time.monotonic() < deadline:
        time.sleep(0.005)
    for victim in victims:
        os.kill(victim.pid, signal.SIGKILL)
    assert succeeded(platform, accepted)["attempts"] == 2
    published = platform.ask("city-admin", "POST", f"{drill}:publish", json={"note": "演练"})
    assert published.status_code == 201, published.text
    assert platform.get("city-admin", f"{drill}/results")["manifest"]["frames"] == undisturbed["frames"]


def test_a_withdrawn_result_is_gone_in_words(platform: Platform) -> None:
    drill = "/api/v1/monitoring/exams/drill-bdf"
    withdrawn = platform.ask("city-admin", "POST", f"{drill}:withdraw", json={"reason": "演练结束，撤回结果"})
    assert withdrawn.status_code == 201, withdrawn.text
    gone = platform.ask("province", "GET", f"{drill}/results/summary")
    assert (gone.status_code, gone.json()["code"]) == (410, "results.withdrawn")
    assert "演练结束" in gone.json()["detail"]


def succeeded(platform: Platform, accepted: httpx.Response) -> dict[str, Any]:
    """The job of a 202 answer, once it has succeeded."""
    assert accepted.status_code == 202, accepted.text
    job = platform.finished_job("city-admin", accepted.headers["location"])
    assert job["state"] == "succeeded", job
    return job


def test_nothing_personal_and_no_secret_reaches_the_logs(platform: Platform) -> None:
    text = "\n".join(file.read_text("utf-8", "replace") for file in (platform.folder / "log").glob("*.log*"))
    entries = json.loads(platform.accounts_file.read_text("utf-8"))
    secrets = [entry["secret"] for entry in entries["clients"]] + [entry["password"] for entry in entries["accounts"]]
    assert len(text) > 10_000
    for planted in ("99000120", "示范学生", "a chosen password", "eyJ", *secrets):
        assert planted not in text, planted
