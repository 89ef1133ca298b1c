"""Whole tables as files: the stored bytes where nothing is withheld, the caller's view where something is."""

import csv
import hashlib
import io
import json

import polars as pl
import pytest

from services.monitoring.results.table_files import TableFiles
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import CITY_ADMIN, PROVINCE, SCHOOLS, TABLES, at_county, at_school

pytestmark = pytest.mark.anyio
#: Frames in which nothing is marked as small.
WHOLE = ("value-added-models", "value-added-coefficients")


async def test_an_unfiltered_view_is_the_stored_file_byte_for_byte(city: Office) -> None:
    frames = (await city.get("/results", PROVINCE)).json()["manifest"]["frames"]
    for table in TABLES:
        stored = frames[table.replace("-", "_")]
        answer = await city.get(f"/results/{table}:download", PROVINCE)
        assert hashlib.sha256(answer.content).hexdigest() == answer.headers["x-content-sha256"]
        assert int(answer.headers["content-length"]) == len(answer.content)
        frame = TableFiles.of(stored).get(city.kernel.columns)
        is_whole = len(stored["parts"]) == 1 and (table in WHOLE or not frame["suppressed"].any())
        assert (answer.headers["x-content-sha256"] == stored["sha256"]) == is_whole, table
    assert any(table in WHOLE for table in TABLES)


async def test_the_same_view_is_the_same_bytes(city: Office) -> None:
    for who in (CITY_ADMIN, at_county("990002"), at_school(SCHOOLS["2199000003"])):
        for fmt in ("parquet", "csv", "ndjson"):
            first, second = [
                await city.get("/results/comparison:download", who, params={"format": fmt}) for _ in range(2)
            ]
            assert first.content == second.content
            assert first.headers["etag"] == second.headers["etag"]


async def test_every_format_holds_the_same_table(city: Office) -> None:
    who = at_county("990001")
    content = {
        fmt: (await city.get("/results/comparison:download", who, params={"format": fmt})).content
        for fmt in ("parquet", "csv", "ndjson")
    }
    frame = pl.read_parquet(io.BytesIO(content["parquet"]))
    rows = [json.loads(line) for line in content["ndjson"].decode().splitlines()]
    assert rows == frame.to_dicts()
    table = list(csv.DictReader(io.StringIO(content["csv"].decode("utf-8-sig"))))
    assert len(table) == frame.height
    assert [row["school_code"] for row in table] == frame["school_code"].to_list()
    assert [float(row["value"]) if row["value"] else None for row in table] == frame["value"].to_list()
    assert content["csv"].startswith(b"\xef\xbb\xbf")


async def test_files_say_what_they_are(city: Office) -> None:
    for fmt, media_type in (
        ("parquet", "application/vnd.apache.parquet"),
        ("csv", "text/csv; charset=utf-8"),
        ("ndjson", "application/x-ndjson"),
    ):
        answer = await city.get("/results/value-added-models:download", params={"format": fmt})
        assert answer.headers["content-type"] == media_type
        assert (
            answer.headers["content-disposition"] == f"attachment; filename*=utf-8''exam-1.0.0-value_added_models.{fmt}"
        )
        assert "maths" in (answer.text if fmt != "parquet" else "maths")
    assert (await city.get("/results/summary:download?format=xlsx")).status_code == 422


async def test_a_download_follows_pins_and_withheld_columns(city: Office) -> None:
    assert (await city.get("/results/funnel:download?version=1.*")).status_code == 200
    assert (await city.get("/results/funnel:download?version=9.*")).status_code == 404
    own = SCHOOLS["2199000005"]
    answer = await city.get("/results/comparison:download", at_school(own))
    frame = pl.read_parquet(io.BytesIO(answer.content))
    assert frame["school_code"].unique().to_list() == [own.code]
    assert not frame.filter(metric="mean", subject="maths", attribute="place")["group_mean"].is_null().any()
