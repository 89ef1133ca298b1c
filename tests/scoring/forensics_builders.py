"""Records of a school's term in which nothing is wrong, to plant things in."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl

from shared.scoring.forensics.base import FILE_SCHEMA, RECORD_SCHEMA, Parameters

FIRST = dt.date(2026, 9, 1)
PARAMETERS = Parameters(
    least_similarity=0.7,
    least_characters=20,
    most_minutes=960,
    most_certifier_minutes=1_440,
    burst_records=5,
    burst_minutes=10,
    last_days=7,
    long_after_days=30,
    least_late_records=3,
    least_late_rate=0.6,
    least_class=5,
    least_distance=3.0,
    least_spread=0.1,
)


def record(name: str, student: str = "s1", **changes: Any) -> dict[str, Any]:
    """One record of 60 minutes on the first day, written the day after."""
    plain = {
        "class_code": "1001",
        "type": "volunteering",
        "began_on": FIRST,
        "ended_on": None,
        "minutes": 60,
        "count": None,
        "place": "社区",
        "certifier": "居委会",
        "text": "",
        "is_own": True,
        "written_at": dt.datetime(2026, 9, 2, 4, tzinfo=dt.UTC),
        "account": student,
    }
    return plain | {"record": name, "student": student} | changes


def records(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of :func:`record`."""
    return pl.DataFrame(list(rows), schema=RECORD_SCHEMA)


def files(*pairs: tuple[str, str]) -> pl.DataFrame:
    """Record and hash."""
    return pl.DataFrame([(*pair, 0) for pair in pairs], schema=FILE_SCHEMA, orient="row")


def words(random_: random.Random, length: int) -> str:
    """Text that nobody else writes."""
    return "".join(chr(0x4E00 + random_.randrange(2_000)) for _ in range(length))


def honest_term(seed: int, *, classes: int = 2, pupils: int = 8, each: int = 6) -> list[dict[str, Any]]:
    """A term of records on different days, in different words, written within a week."""
    random_ = random.Random(seed)  # noqa: S311  no secret
    rows = []
    for serial in range(classes * pupils):
        for number in range(each):
            day = FIRST + dt.timedelta(days=14 * number + random_.randrange(7))
            written = dt.datetime.combine(day, dt.time(8, serial), dt.UTC) + dt.timedelta(days=random_.randrange(1, 7))
            rows.append(
                record(
                    f"r{serial}-{number}",
                    f"s{serial}",
                    class_code=f"100{serial % classes}",
                    began_on=day,
                    minutes=random_.randrange(30, 200),
                    place=f"地点{serial}-{number}",
                    certifier=f"证明人{serial}-{number}",
                    text=words(random_, 60),
                    written_at=written,
                )
            )
    return rows
