"""``python -m bench.archives``: pupils of many schools write into their archives at once; nothing is lost, nothing doubled.

100,000 records a day are 12,500 in each of eight hours. One such hour is sent as fast as the service takes it, by sixteen
clients: some give up on an answer and send again, some send twice for no reason, and half-way the service is killed and
started again. Afterwards every record must be there once, and every chain must hold.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from sqlalchemy import func, select

from bench.service import Running, running
from services.student_eval.app import SERVICE
from services.student_eval.archive_terms.tables import ArchiveTerm
from services.student_eval.archives.chain import EntryKind, breaks_of
from services.student_eval.archives.log import entry_of
from services.student_eval.archives.tables import ArchiveEntry, ArchiveKeeper
from shared.kernel import clock
from shared.kernel.app import open_kernel
from shared.kernel.embedded_postgres.server import EmbeddedPostgres
from shared.kernel.ids import new_id
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from shared.terms.organization import school_path
from tests.support.databases import TestDatabases
from tests.support.settings import actor, bearer

CLIENTS = 16
RECORDS_A_DAY, HOURS_A_DAY = 100_000, 8
SEED = 20_261_125
IMPATIENT, TWICE = 0.02, 0.02
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
FIELDS = {"began_on": "2026-10-01", "minutes": 90, "place": "社区", "certifier": "居委会"}


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil, the term the pupil's class is in, and the account."""

    student_key: str
    term_id: str
    who: Actor


@dataclass(slots=True)
class Sent:
    """What the clients saw: seconds of each answer, and how often a request was sent again."""

    seconds: list[float] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)


async def make_classes(settings: ServiceSettings, classes: int, size: int) -> list[Pupil]:
    """Classes in the middle of a term, each at a school of its own."""
    kernel = open_kernel(SERVICE, settings)
    random, pupils = np.random.default_rng(SEED), []
    try:
        async with kernel.database.transaction("") as session:
            for place in range(classes):
                code = f"21990{place:05d}"
                path = school_path("990001", code)
                keys = ["".join(random.choice(list(_LETTERS), 26)) for _ in range(size)]
                members = [{"student_key": key, "name": ""} for key in keys]
                term = ArchiveTerm(
                    id=new_id(), org_path=path, school_code=code, school_name=code, class_code="1001",
                    class_name="高一（1）班", grade_level=10,
                    school_year="2026-2027", semester=1, members=members, state="recording",
                )  # fmt: skip
                session.add(term)
                for key in keys:
                    session.add(ArchiveKeeper(id=new_id(), student_key=key, org_path=path, since=clock.now()))
                    who = actor(Role.STUDENT, path, subject=f"pupil-{key}", person=key)
                    pupils.append(Pupil(key, str(term.id), who))
    finally:
        await kernel.database.close()
    return pupils


async def client(number: int, address: str, pupils: Sequence[Pupil], records: int, sent: Sent) -> None:
    """One client: records of pupils drawn at random, each sent until it is answered."""
    random = np.random.default_rng([SEED, number])
    headers: dict[str, dict[str, str]] = {}
    async with httpx.AsyncClient(timeout=30) as http:
        for serial in range(records):
            pupil = pupils[int(random.integers(len(pupils)))]
            token = headers.setdefault(pupil.student_key, bearer(pupil.who))
            url = f"{address}/archive-terms/{pupil.term_id}/students/{pupil.student_key}/records"
            body = {"type": "volunteering", "fields": FIELDS, "text": f"{number}-{serial}"}
            asked = token | {"Idempotency-Key": f"{number}-{serial}"}
            if random.random() < IMPATIENT:
                sent.again["gave up waiting"] += 1
                await _impatient(http, url, body, asked)
            started = time.perf_counter()
            await _until_answered(http, url, body, asked, sent)
            sent.seconds.append(time.perf_counter() - started)
            if random.random() < TWICE:
                sent.again["sent twice"] += 1
                await _until_answered(http, url, body, asked, sent)


async def _impatient(http: httpx.AsyncClient, url: str, body: Any, headers: dict[str, str]) -> None:
    try:
        await asyncio.wait_for(http.post(url, json=body, headers=headers), 0.004)
    except (TimeoutError, httpx.HTTPError):
        return


async def _until_answered(http: httpx.AsyncClient, url: str, body: Any, headers: dict[str, str], sent: Sent) -> None:
    while True:
        try:
            answer = await http.post(url, json=body, headers=headers)
        except httpx.HTTPError:
            sent.again["no answer"] += 1
            await asyncio.sleep(0.2)
            continue
        if answer.status_code == 201:
            return
        # The first sending is still being worked on, or the service has just come back.
        if answer.status_code not in (409, 503):
            raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
        sent.again[f"answered {answer.status_code}"] += 1
        await asyncio.sleep(0.05)


async def send_all(address: str, pupils: Sequence[Pupil], records: int) -> Sent:
    """All clients at once; returns what they saw."""
    sent = Sent()
    shares = [records // CLIENTS + (place < records % CLIENTS) for place in range(CLIENTS)]
    await asyncio.gather(*(client(number, address, pupils, share, sent) for number, share in enumerate(shares)))
    return sent


async def faults_of(settings: ServiceSettings, records: int) -> list[str]:
    """What is lost, doubled or does not hold; empty when nothing is."""
    kernel = open_kernel(SERVICE, settings)
    try:
        async with kernel.database.transaction("") as session:
            e = ArchiveEntry
            rows = (await session.scalars(select(e).order_by(e.student_key, e.number))).all()
            entries = [entry_of(row) for row in rows]
    finally:
        await kernel.database.close()
    texts = Counter(entry.payload["text"] for entry in entries if entry.kind is EntryKind.RECORD_WRITTEN)
    wanted = {f"{number}-{serial}" for number in range(CLIENTS) for serial in range(-(-records // CLIENTS))}
    found = [f"{text} {count} times" for text, count in texts.items() if count != 1]
    found += [f"{text} is nobody's" for text in texts.keys() - wanted]
    if len(texts) != records:
        found.append(f"{records - len(texts)} of {records} lost")
    chains: dict[str, list[Any]] = {}
    for entry in entries:
        chains.setdefault(entry.student_key, []).append(entry)
    found += [f"the chain of {key} does not hold" for key, chain in chains.items() if breaks_of(chain)]
    return found


def run(settings: ServiceSettings, *, records: int, classes: int, size: int) -> list[str]:
    """Sends them to a service on an empty database, prints what was seen, and returns every fault."""
    pupils = asyncio.run(make_classes(settings, classes, size))
    with running(SERVICE, settings) as service:
        started = time.perf_counter()
        killer = threading.Thread(target=_kill_half_way, args=(service, settings, records))
        killer.start()
        sent = asyncio.run(send_all(service.address, pupils, records))
        killer.join()
        seconds = time.perf_counter() - started
    found = asyncio.run(faults_of(settings, records))
    median, late = statistics.median(sent.seconds), float(np.quantile(sent.seconds, 0.99))
    share = records / seconds / (RECORDS_A_DAY / HOURS_A_DAY / 3600)
    print(
        f"{records} records by {CLIENTS} clients in {seconds:.0f} s: {records / seconds:.0f} a second, {share:.0f} times "
        f"what {RECORDS_A_DAY} a day need; median {median * 1000:.0f} ms, 99 of 100 within {late * 1000:.0f} ms",
        f"sent again: {dict(sent.again)}",
        "nothing lost, nothing doubled, every chain holds" if not found else found[:5],
        sep="\n",
        flush=True,
    )
    return found


def _kill_half_way(service: Running, settings: ServiceSettings, records: int) -> None:
    asyncio.run(_until_written(settings, records // 2))
    service.kill()
    service.start()


async def _until_written(settings: ServiceSettings, count: int) -> None:
    kernel, deadline = open_kernel(SERVICE, settings), time.monotonic() + 600
    try:
        while time.monotonic() < deadline:
            async with kernel.database.transaction("") as session:
                if (await session.scalar(select(func.count()).select_from(ArchiveEntry)) or 0) >= count:
                    return
            await asyncio.sleep(0.2)
    finally:
        await kernel.database.close()


def main(arguments: Sequence[str]) -> int:
    """One hour of a day; 1 when anything is lost, doubled or broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.archives", description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS_A_DAY // HOURS_A_DAY)
    parser.add_argument("--classes", type=int, default=40)
    parser.add_argument("--pupils", type=int, default=50, help="in each class")
    chosen = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="bench-pg-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "data") as server,
        TestDatabases(server).of(
            SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-student_eval"
        ) as settings,
    ):
        found = run(settings, records=chosen.records, classes=chosen.classes, size=chosen.pupils)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
