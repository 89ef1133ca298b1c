"""What a vendor, the city's office and the province do, through the gateway alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from bench.exam.city import CODE, Files, Sheet
from bench.exam.scales import UPLOADERS
from bench.exam.stages import Clock
from demo.access import read_access
from demo.gateway import Gateway, Session
from shared.kernel.web.upload import FILE_TYPES

MEDIA_TYPES = {name: media_type for media_type, name in FILE_TYPES.items()}
LOOK_SECONDS = 0.02
VENDOR_SCOPE = "roster.read roster.write monitoring.read monitoring.write"


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Who acts."""

    vendor: Session
    admin: Session
    province: Session

    @property
    def exam(self) -> str:
        """Address of the exam."""
        return f"{self.vendor.gateway.service('monitoring')}/exams/{CODE}"


def cast_of(environment: dict[str, str]) -> Cast:
    """Gets everybody a token."""
    access = read_access(environment)
    gateway = Gateway(access.address)
    cast = Cast(
        Session(gateway, access.vendor, scope=VENDOR_SCOPE),
        Session(gateway, access.admin),
        Session(gateway, access.province),
    )
    for session in (cast.vendor, cast.admin, cast.province):
        session.token()
    return cast


def finished(session: Session, accepted: httpx.Response) -> dict[str, Any]:
    """Follows a job to its end, looking often enough not to add to its time."""
    location = urljoin(str(accepted.request.url), accepted.headers["Location"])
    while True:
        job: dict[str, Any] = session.read(location)
        if job["state"] == "succeeded":
            return job
        if job["state"] in ("failed", "cancelled"):
            raise RuntimeError(f"job {job['kind']}: {job['problem']}")
        time.sleep(LOOK_SECONDS)


def send_roster(cast: Cast, files: Files, clock: Clock) -> None:
    """Loads schools, classes, students and enrollments, file by file, as imports."""
    base = cast.vendor.gateway.service("roster")
    for collection in ("schools", "classes", "students", "enrollments"):
        paths = files.roster(collection)
        with clock.stage(f"roster: {collection}") as stage:
            stage.rows = sum(_import(cast.vendor, f"{base}/{collection}:import", path) for path in paths)


def _import(vendor: Session, url: str, path: Path) -> int:
    headers = {"Content-Type": MEDIA_TYPES["parquet"]}
    answer = vendor.request("POST", url, content=path.read_bytes(), headers=headers)
    if answer.status_code == httpx.codes.ACCEPTED:
        counts = finished(vendor, answer)["result"]["counts"]
    else:
        counts = answer.json()["counts"]
    if counts.get("refused") or counts.get("skipped"):
        raise RuntimeError(f"{path.name}: {counts}")
    return sum(counts.values())


def register(cast: Cast, files: Files, clock: Clock) -> None:
    """Registers the exam and its papers, and opens the collection."""
    with clock.stage("register exam and papers"):
        cast.admin.request("PUT", cast.exam, json=files.definition)
        for subject, body in files.papers.items():
            cast.admin.request("PUT", f"{cast.exam}/papers/{subject}", json=body)
    with clock.stage("open: freeze the roster") as stage:
        found = finished(cast.admin, cast.admin.request("POST", f"{cast.exam}:open"))["result"]
        stage.rows, stage.note = found["students"], f"{found['participants']} schools"


def address(cast: Cast, sheet: Sheet) -> str:
    """Where a school's sheet is sent to."""
    kind = "mark-sheets" if sheet.subject is None else f"item-sheets/{sheet.subject}"
    return f"{cast.exam}/{kind}/{sheet.school_code}"


def send(cast: Cast, sheet: Sheet, content: bytes | None = None) -> float:
    """Sends one sheet; seconds until it was answered."""
    body = sheet.path.read_bytes() if content is None else content
    began = time.perf_counter()
    headers = {"Content-Type": MEDIA_TYPES[sheet.format]}
    outcome = cast.vendor.request("PUT", address(cast, sheet), content=body, headers=headers).json()
    if outcome["outcome"] != "accepted":
        raise RuntimeError(f"{sheet.path.name}: {outcome}")
    return time.perf_counter() - began


def send_all(cast: Cast, sheets: Sequence[Sheet], clock: Clock, *, name: str) -> None:
    """Sends sheets with sixteen uploaders at once."""
    rows, marks = sum(sheet.rows for sheet in sheets), sum(sheet.marks for sheet in sheets)
    with clock.stage(name, rows=rows, marks=marks) as stage, ThreadPoolExecutor(UPLOADERS) as pool:
        times = sorted(pool.map(lambda sheet: send(cast, sheet), sheets))
        median, slowest = times[len(times) // 2] * 1000, times[-1] * 1000
        stage.note = f"{len(times)} files, median {median:.0f} ms, slowest {slowest:.0f} ms"


def upload(cast: Cast, files: Files, clock: Clock) -> None:
    """Sends every mark sheet and every item sheet, the two formats apart."""
    for kind, what in (("marks", "mark sheets"), ("items", "item sheets")):
        for suffix in ("csv", "parquet"):
            sheets = [sheet for sheet in files.of(kind) if sheet.format == suffix]
            send_all(cast, sheets, clock, name=f"{what}, {suffix}")


def confirm(cast: Cast, schools: Iterable[str]) -> None:
    """Passes on each school's word on the sheet it has seen."""
    wanted = set(schools)
    sheets = [sheet for sheet in cast.vendor.pages(f"{cast.exam}/mark-sheets") if sheet["school_code"] in wanted]

    def one(sheet: dict[str, Any]) -> None:
        url = f"{cast.exam}/mark-sheets/{sheet['school_code']}:confirm"
        cast.vendor.request("POST", url, json={"sha256": sheet["sha256"]})

    with ThreadPoolExecutor(UPLOADERS) as pool:
        list(pool.map(one, sheets))


def check_and_seal(cast: Cast, files: Files, clock: Clock) -> None:
    """Closes the collection, has every school confirm, and seals."""
    with clock.stage("reconcile"):
        found = cast.vendor.read(f"{cast.exam}/reconciliation")
    if not found["reconciled"]:
        raise RuntimeError(f"not reconciled: { ({name: found[name] for name in found if name != 'items'}) }")
    with clock.stage("check: close for checking"):
        cast.admin.request("POST", f"{cast.exam}:check", json={"days": 1})
    schools = {sheet.school_code for sheet in files.sheets}
    with clock.stage("confirm, school by school") as stage:
        confirm(cast, schools)
        stage.note = f"{len(schools)} schools"
    with clock.stage("seal"):
        cast.admin.request("POST", f"{cast.exam}:seal", json={"accept_reason": None})


def analyze(cast: Cast) -> dict[str, Any]:
    """Runs the analysis; the job's result."""
    accepted = cast.admin.request("POST", f"{cast.exam}:analyze")
    result: dict[str, Any] = finished(cast.admin, accepted)["result"]
    return result


def publish(cast: Cast) -> dict[str, Any]:
    """Publishes; the new version with its manifest."""
    found: dict[str, Any] = cast.admin.request("POST", f"{cast.exam}:publish", json={"note": None}).json()
    return found
