"""Every file an exam needs is named, from the frozen roster to the result frames; nothing else is kept."""

from pathlib import Path

import polars as pl
import pytest

from services.monitoring.app import SERVICE
from services.monitoring.stored_files import named_files
from shared.kernel.app import open_kernel
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio


async def test_the_sweep_spares_all_that_an_exam_names(world: World) -> None:
    await world.open_exam()
    for school in SCHOOLS:
        await world.send(school)
    await world.send("2199000001", world.rows("2199000001", seed=1))
    faulty = world.rows("2199000002")
    faulty[0]["maths"] = "x"
    await world.send("2199000002", faulty)
    await world.check_and_confirm()
    assert (await world.seal()).status_code == 200
    await world.run_job(await world.client.post("/exams/mock:analyze", headers=world.as_city()))
    kernel = open_kernel(SERVICE, world.settings)
    async with kernel.database.transaction("") as session:
        named = set(await named_files(session))
    await kernel.database.close()
    stored = {path.stem for path in Path(kernel.columns.root).glob("??/*.parquet")}
    assert named == stored
    assert len(stored) > len(SCHOOLS) + 10
    orphan = kernel.columns.put(pl.DataFrame({"nobody": ["names me"]}))
    assert kernel.columns.sweep(named, older_than=-1) == 1
    assert not kernel.columns.is_sound(orphan.sha256)
    assert all(kernel.columns.is_sound(sha256) for sha256 in named)
