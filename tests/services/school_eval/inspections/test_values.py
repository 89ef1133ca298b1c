"""What visits found fills leaves of schemes, with the standard error that double ratings tell."""

from math import sqrt

import polars as pl
import pytest

from services.school_eval.app import SERVICE
from services.school_eval.prefill.filled import Filled, Wanted
from services.school_eval.prefill.from_inspections import InspectionProvider
from services.school_eval.visit_plans.rules import school_year_of
from shared.kernel import clock
from shared.kernel.app import open_kernel
from tests.services.school_eval.inspections.inspecting import FIRE, TIMETABLE, Inspecting
from tests.support.city import CITY, CITY_ADMIN, SCHOOLS

pytestmark = pytest.mark.anyio
KEYS = ("small", "small.order", TIMETABLE, FIRE, "other")


async def gathered(office: Inspecting, year: str) -> dict[str, Filled]:
    kernel = open_kernel(SERVICE, office.settings)
    try:
        async with kernel.database.transaction(CITY) as session:
            provider = InspectionProvider(session, CITY_ADMIN)
            assert all(provider.knows(key) for key in KEYS)
            assert not provider.knows("B2.2")
            wanted = Wanted(year, pl.DataFrame({"unit_code": sorted(SCHOOLS)}), CITY, {})
            return dict(await provider.gather(wanted, KEYS))
    finally:
        await kernel.database.close()


async def test_the_last_visit_of_the_year_counts(office: Inspecting) -> None:
    rows = sorted(await office.drawn(), key=lambda row: not row["is_double_rated"])
    twice, once = rows[0], rows[1]
    await office.rated_visit(twice, {TIMETABLE: 3, FIRE: 1}, {TIMETABLE: 2, FIRE: 0})
    await office.rated_visit(once, {TIMETABLE: 1, FIRE: 1})
    year = school_year_of(clock.today())
    found = await gathered(office, year)
    whole = {row["unit_code"]: row for row in found["small"].frame.iter_rows(named=True)}
    # Raters gave (3 · 3/3 + 1) / 4 and (3 · 2/3 + 0) / 4.
    assert whole[twice["school_code"]]["value"] == pytest.approx((1 + 1 / 2) / 2)
    assert whole[once["school_code"]]["value"] == pytest.approx((3 * 1 / 3 + 1) / 4)
    deviation = sqrt(((1 - 3 / 4) ** 2 + (1 / 2 - 3 / 4) ** 2) / (2 - 1))
    assert whole[twice["school_code"]]["se"] == pytest.approx(deviation / sqrt(2))
    assert whole[once["school_code"]]["se"] == pytest.approx(deviation)
    # Yes and no to one question is no answer.
    assert found[FIRE].frame["unit_code"].to_list() == [once["school_code"]]
    assert found["other"].frame.is_empty()
    assert (found["small"].origin["visits"], found["small"].origin["source"]) == (2, "inspection")
    assert (await gathered(office, "2020-2021"))["small"].frame.is_empty()
