"""The recompute bundle: computed anew, every figure comes out the same; nobody's marks go where they must not."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import text

from services.monitoring.results.recompute import recompute
from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import CITY_ADMIN, PROVINCE, SCHOOLS, SMALL, at_county, at_school
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
OWN = SCHOOLS["2199000003"]


async def bundle(city: Office, who: Actor, path: Path, **params: str) -> zipfile.ZipFile:
    answer = await city.get("/results:bundle", who, params=params)
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    return zipfile.ZipFile(path)


async def test_every_table_of_an_office_is_computed_anew_byte_for_byte(city: Office, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    manifest = json.loads((await bundle(city, CITY_ADMIN, path)).read("manifest.json"))
    verdicts = {verdict.table: verdict for verdict in recompute(path)}
    assert all(verdict.agrees for verdict in verdicts.values()), verdicts
    compared = verdicts.keys() - {"inputs"}
    left_out = set(manifest["frames"]) - compared
    assert {"summary", "bands", "value_added_schools", "comparison", "funnel"} <= compared
    assert "standings" in left_out
    for name in left_out:
        assert "candidate_id" in manifest["frames"][name]["columns"]


async def test_an_office_s_bundle_names_nobody(city: Office, tmp_path: Path) -> None:
    archive = await bundle(city, CITY_ADMIN, tmp_path / "bundle.zip")
    sheets = [
        pl.read_parquet(io.BytesIO(archive.read(name))) for name in archive.namelist() if name.startswith("files/")
    ]
    assert sum(sheet.height for sheet in sheets) == sum(school.size for school in SCHOOLS.values())
    for sheet in sheets:
        assert sheet["student_key"].null_count() == sheet.height
        assert not any(number.startswith("21990") for number in sheet["candidate_id"])
    assert not any(name.startswith("frames/") for name in archive.namelist())


async def test_a_school_s_bundle_holds_itself_and_its_figures_follow_from_its_sheet(
    city: Office, tmp_path: Path
) -> None:
    for school in (OWN, SMALL):
        path = tmp_path / f"{school.code}.zip"
        archive = await bundle(city, at_school(school), path)
        verdicts = list(recompute(path))
        assert {verdict.table for verdict in verdicts} == {"summary", "bands", "cumulative"}
        assert all(verdict.agrees for verdict in verdicts), verdicts
        for name in archive.namelist():
            if name.endswith(".parquet"):
                frame = pl.read_parquet(io.BytesIO(archive.read(name)))
                if "school_code" in frame.columns:
                    assert set(frame["school_code"].drop_nulls()) <= {school.code}, name
        other = b"2199000001"
        assert not any(other in archive.read(name) for name in ("inputs.json", "manifest.json", "bundle.json"))
        ranks = [column for column in _standings(archive).columns if column.endswith("_rank")]
        assert ranks == []


def _standings(archive: zipfile.ZipFile) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(archive.read("frames/standings.parquet")))


async def test_the_command_tells_what_agrees_and_what_does_not(city: Office, tmp_path: Path) -> None:
    sound, altered = tmp_path / "sound.zip", tmp_path / "altered.zip"
    archive = await bundle(city, CITY_ADMIN, sound)
    with zipfile.ZipFile(altered, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                manifest["frames"]["bands"]["sha256"] = "0" * 64
                content = json.dumps(manifest).encode()
            copy.writestr(name, content)
    command = [sys.executable, "-m", "services.monitoring.results.recompute", str(altered)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[2] for line in lines if "DIFFERS" in line] == ["bands"]
    assert any("agrees" in line and "summary" in line for line in lines)
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(damaged, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, b"x" if name.startswith("files/") else archive.read(name))
    with pytest.raises(ValueError, match="damaged"):
        list(recompute(damaged))


async def test_who_takes_bundles_and_that_it_is_noted(city: Office, tmp_path: Path) -> None:
    for who in (PROVINCE, at_county("990001"), actor("teacher", OWN.path), actor("inspector", OWN.path)):
        assert (await city.get("/results:bundle", who)).status_code == 403
    stranger = actor("school_admin", f"{OWN.path[:-11]}2199000099/")
    assert (await city.get("/results:bundle", stranger)).status_code == 404
    first = await city.get("/results:bundle", at_school(OWN))
    again = await city.get("/results:bundle", at_school(OWN))
    assert first.content == again.content
    assert first.headers["x-content-sha256"] == again.headers["x-content-sha256"]
    async with city.kernel.database.transaction("") as session:
        notes = await session.scalar(text("select count(*) from audit_log where action = 'results.bundled'"))
    assert notes >= 2
