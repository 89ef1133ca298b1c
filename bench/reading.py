"""``python -m bench.reading``: how long a page of results takes at the service, with many published exams in its store.

Exams are put straight into database and store: a few of a city's full size, the others small. A service is started as it
runs in production and asked over HTTP; printed are medians of warm answers, first bytes to last.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import datetime as dt
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import psutil

from bench.city import CODES
from bench.service import running
from services.monitoring.analyses.rules import counts_of
from services.monitoring.analyses.tables import Analysis
from services.monitoring.app import SERVICE
from services.monitoring.exams.rules import analysis_plan
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.results.catalog import TABLES
from services.monitoring.results.service.publish import manifest_of
from services.monitoring.results.table_files import StoredPart, TableFiles
from services.monitoring.results.tables import ResultSet
from shared.kernel.app import open_kernel
from shared.kernel.context import Kernel
from shared.kernel.embedded_postgres.server import EmbeddedPostgres
from shared.kernel.settings import ServiceSettings
from shared.scoring.exam import analyze
from shared.scoring.frame import MarkUnit
from shared.scoring.result import AnalysisResult
from shared.terms.organization import school_path
from tests.services.monitoring.factories import CITY, definition
from tests.support.databases import TestDatabases
from tests.support.settings import actor, bearer

SEED = 20_261_125
ROUNDS = 15
PROMISE_MS = 50
PDF_PROMISE_MS = 300
PAGE = 100
COUNTIES = 8
CLASS_SIZE = 47


@dataclass(frozen=True, slots=True)
class Size:
    """Candidates and schools of an exam."""

    candidates: int
    schools: int


LARGE, SMALL = Size(134_000, 400), Size(1_500, 10)


def body(code: str) -> dict[str, Any]:
    """Nine subjects, an intake, one model, two comparisons."""
    subjects = [
        {"code": name, "name_zh": name, "name_en": name, "full_mark": "150" if n < 3 else "100", "step": "0.5"}
        for n, name in enumerate(CODES)
    ]
    intake = {"code": "entry", "name_zh": "入口", "name_en": "Entry", "role": "intake", "full_mark": "100"}
    model = {"outcome": "total", "intakes": ["entry"]}
    return definition(
        name_zh=f"监测 {code}",
        subjects=[*subjects, intake],
        value_added_models=[model],
        comparison_attributes=[{"code": "entry", "name_zh": "入口", "name_en": "Entry", "grouping": "quartile"}],
    )


def sheet(size: Size, seed: int) -> pl.DataFrame:
    """All candidates of an exam, in grid units."""
    random = np.random.default_rng([SEED, seed])
    school = np.sort(random.integers(0, size.schools, size.candidates))
    place = np.arange(size.candidates) - np.searchsorted(school, np.arange(size.schools))[school]
    ability = random.normal(0, 1, size.candidates) + random.normal(0, 0.35, size.schools)[school]
    county = pl.Series(school % COUNTIES + 1).cast(pl.String).str.zfill(2)
    columns: dict[str, Any] = {
        "candidate_id": pl.Series(np.arange(size.candidates)).cast(pl.String).str.zfill(9),
        "class_code": pl.Series(place // CLASS_SIZE + 1).cast(pl.String).str.zfill(2),
        "school_code": "21990" + pl.Series(school + 1).cast(pl.String).str.zfill(5),
        "county_code": "9900" + county,
    }
    for name in (*CODES, "entry"):
        top = 300 if name in CODES[:3] else 200
        share = 0.58 + 0.14 * (ability + random.normal(0, 0.6, size.candidates))
        units = pl.Series(np.clip(np.rint(share * top), 0, top).astype(np.int32))
        absent = random.random(size.candidates) < 0.008
        columns[name] = units.set(pl.Series(absent), None)
        columns[f"{name}__status"] = np.where(absent, "absent", "present")
    return pl.DataFrame(columns).sort("county_code", "school_code", "candidate_id")


def frames_of(kernel: Kernel, content: dict[str, Any], marks: pl.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Files and counts of an exam's figures."""
    result = analyze([marks], analysis_plan(content), lambda *_: None, unit=MarkUnit.GRID_UNIT)
    files = {}
    for name, frame in result.frames().items():
        key = TABLES[name].divided_by
        parts = [frame] if key is None or frame.is_empty() else frame.partition_by(key, maintain_order=True)
        stored = [StoredPart.put(kernel.columns, name, part) for part in parts]
        files[name] = TableFiles.joined(kernel.columns, name, stored).entry()
    return files, counts_of(result.summary.lazy())


async def publish(kernel: Kernel, code: str, size: Size, seed: int) -> None:
    """One exam with its results, as if it had been collected, analyzed and published."""
    content = body(code)
    marks = sheet(size, seed)
    files, counts = frames_of(kernel, content, marks)
    schools = marks.group_by("county_code", "school_code").len().sort("school_code")
    async with kernel.database.transaction("") as session:
        exam = Exam(
            code=code,
            kind=content["kind"],
            grade_level=content["grade_level"],
            school_year=content["school_year"],
            held_on=dt.date.fromisoformat(content["held_on"]),
            state="published",
            definition=content,
            roster_sha256="0" * 64,
            created_by="bench",
            org_path=CITY,
        )
        session.add(exam)
        await session.flush()
        for county, school, count in schools.iter_rows():
            session.add(
                Participant(
                    exam_id=exam.id,
                    school_code=school,
                    county_code=county,
                    name_zh=f"第{school}学校",
                    enrolled_count=count,
                    org_path=school_path(county, school),
                )
            )
        inputs = {"definition": content, "roster_sha256": "0" * 64, "sheets": []}
        analysis = Analysis(
            exam_id=exam.id, number=1, state="finished", inputs=inputs, inputs_sha256="0" * 64, org_path=CITY,
            asked_by="bench", frames=files, counts=counts, methods=[], software={},
        )  # fmt: skip
        session.add(analysis)
        await session.flush()
        row = ResultSet(
            exam_id=exam.id, org_path=CITY, major=1, minor=0, patch=0, state="published", analysis_id=analysis.id,
            manifest=manifest_of(analysis, exam_code=code) | {"version": "1.0.0"}, published_by="bench",
        )  # fmt: skip
        session.add(row)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is timed: a name, who asks, an address below the exam's results, and how many pages in."""

    name: str
    who: Any
    path: str
    depth: float = 0.0

    @property
    def table(self) -> str:
        """Name of the frame."""
        return self.path[1:].partition("?")[0].replace("-", "_")


def asks() -> list[Ask]:
    """Every table at three depths by the city and by one school, and what is read beside tables."""
    city = actor("city_admin", CITY)
    school = actor("school_admin", school_path("990002", "2199000002"))
    found = []
    for table in (TABLES[name] for name in AnalysisResult.__dataclass_fields__):
        if table.name == "standings":
            found.append(Ask("school standings, first page", school, "/standings"))
            found.append(Ask("school standings of a subject", school, "/standings?subject=math"))
            continue
        for label, depth in (("first", 0.0), ("middle", 0.5), ("last", 1.0)):
            found.append(Ask(f"city {table.address}, {label} page", city, f"/{table.address}", depth))
        found.append(Ask(f"school {table.address}", school, f"/{table.address}"))
    found.append(Ask("city summary of a subject and level", city, "/summary?subject=math&level=class", 0.03))
    found.append(Ask("city summary of a school", city, "/summary?school_code=2199000007"))
    found.append(Ask("city value-added document", city, "/value-added"))
    return found


def cursor_at(client: httpx.Client, url: str, headers: dict[str, str], *, table: str, depth: float) -> str | None:
    """The cursor of the page that deep in a table, made from that of the second page: a cursor holds a version and a row."""
    if not depth:
        return None
    exam = url.partition("/results")[0]
    manifest = client.get(f"{exam}/results", headers=headers).json()["manifest"]
    cursor = client.get(url, headers=headers).json()["next_cursor"]
    if cursor is None:
        return None
    bound, (version, _) = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    rows = int(manifest["frames"][table]["rows"])
    row = max(0, int(rows * depth) - PAGE)
    return base64.urlsafe_b64encode(json.dumps([bound, [version, str(row)]]).encode()).decode().rstrip("=")


def timed(client: httpx.Client, url: str, headers: dict[str, str]) -> float:
    """Milliseconds of one answer."""
    started = time.perf_counter()
    answer = client.get(url, headers=headers)
    answer.raise_for_status()
    return (time.perf_counter() - started) * 1000


def measure(address: str, exams: Sequence[str], large: Sequence[str], process: psutil.Process) -> bool:
    """Prints the median of every question; whether all kept the promise."""
    kept = True
    with httpx.Client(timeout=60) as client:
        for ask in asks():
            headers = bearer(ask.who)
            joint = "&" if "?" in ask.path else "?"
            times, firsts = [], []
            for exam in large:
                url = f"{address}/exams/{exam}/results{ask.path}{joint}page_size={PAGE}"
                cursor = cursor_at(client, url, headers, table=ask.table, depth=ask.depth)
                url += f"&cursor={cursor}" if cursor else ""
                for other in exams[:: max(1, len(exams) // 10)]:
                    timed(client, f"{address}/exams/{other}/results{ask.path}{joint}page_size={PAGE}", headers)
                firsts.append(timed(client, url, headers))
                times += [timed(client, url, headers) for _ in range(ROUNDS)]
            median = statistics.median(times)
            kept &= median < PROMISE_MS
            verdict = "" if median < PROMISE_MS else "  MISSED"
            memory = process.memory_info().rss >> 20
            print(f"{ask.name:<46} {median:7.1f} ms  first {max(firsts):7.1f} ms  {memory:5d} MiB{verdict}", flush=True)
    return kept


def measure_reports(address: str, large: Sequence[str]) -> bool:
    """Prints the median of one school's report, a different school each time; whether both forms kept their promise."""
    kept, city = True, bearer(actor("city_admin", CITY))
    with httpx.Client(timeout=60) as client:
        for form, promise in (("", PROMISE_MS), (":pdf", PDF_PROMISE_MS)):
            urls = [
                f"{address}/exams/{exam}/reports/math{form}?level=school&school_code=21990{number:05d}"
                for exam in large
                for number in range(2, 2 + ROUNDS)
            ]
            timed(client, urls[0], city)
            median = statistics.median(timed(client, url, city) for url in urls[1:])
            kept &= median < promise
            verdict = "" if median < promise else "  MISSED"
            print(f"{'school report' + (form or ' as JSON'):<46} {median:7.1f} ms{verdict}", flush=True)
    return kept


def main(arguments: Sequence[str]) -> int:
    """Builds, starts, asks; 1 when a median is above the promise."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--exams", type=int, default=100)
    parser.add_argument("--large", type=int, default=2, help="exams of a city's full size among them")
    chosen = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="bench-pg-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "data", durable=False) as server,
        TestDatabases(server).of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings,
    ):
        large = [f"large-{n}" for n in range(chosen.large)]
        small = [f"small-{n}" for n in range(chosen.exams - chosen.large)]
        asyncio.run(_build(settings, large, small))
        with running(SERVICE, settings) as process:
            address = process.address
            kept = measure(address, small, large, process.ps)
            return 0 if measure_reports(address, large) and kept else 1


async def _build(settings: ServiceSettings, large: Sequence[str], small: Sequence[str]) -> None:
    kernel = open_kernel(SERVICE, settings)
    started = time.perf_counter()
    try:
        for seed, code in enumerate([*large, *small]):
            await publish(kernel, code, LARGE if code in large else SMALL, seed)
    finally:
        await kernel.database.close()
    size = sum(file.stat().st_size for file in kernel.columns.root.glob("*/*")) >> 20
    print(f"{len(large) + len(small)} exams in {time.perf_counter() - started:.0f} s, {size} MiB of frames", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
