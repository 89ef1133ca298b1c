"""What conduct takes from pay: months of the incentive part, from the effect on; the money stays with the others."""

import datetime as dt

import pytest

from shared.kernel import clock
from tests.services.teacher_eval.conduct.office import Office
from tests.services.teacher_eval.development.town import key
from tests.services.teacher_eval.pay.paying import HEAD, confirmed, filed, member, pool, set_pool, step
from tests.support.city import code_of

pytestmark = pytest.mark.anyio


def month(offset: int) -> str:
    """A month, counted from the one after the decision takes effect, which is never on the first day of one."""
    day = clock.today() + dt.timedelta(days=days())
    number = day.year * 12 + day.month + offset
    return f"{number // 12}-{number % 12 + 1:02d}"


def days() -> int:
    """Days until a decision of today takes effect."""
    return 41 if (clock.today() + dt.timedelta(days=40)).day == 1 else 40


async def set_people(office: Office, code: str, first: str, last: str) -> None:
    year = {"school_year": f"{first[:4]}-{int(first[:4]) + 1}"}
    await set_pool(office, pool(3_000, first_month=first, last_month=last, **year), code=code)
    for number in (0, 1):
        answer = await office.put(f"/pay-pools/{code}/members/{key(number)}", member("90"), HEAD)
        assert answer.status_code == 201, answer.text


async def amounts(office: Office, run: str) -> dict[str, int]:
    people = (await office.get(f"/pay-runs/{run}/people", HEAD)).json()["items"]
    return {each["staff_key"]: each["amount"]["fen"] for each in people}


async def test_months_are_forfeited_from_the_effect_on(office: Office) -> None:
    await office.decided()
    await set_people(office, "winter", month(-2), month(1))
    plan = await filed(office, code="winter")
    run = await step(office, "pay-runs", {"pool": "winter", "plan": plan})
    assert await amounts(office, run["id"]) == {key(0): 1_500, key(1): 1_500}
    office.later(days())
    await office.sweep()
    reason = {"reason": "考核组已核对无误"}
    # Two of four months are gone. A run that was computed before is worked out anew before anybody confirms it.
    assert code_of(await office.post(f"/pay-runs/{run['id']}:confirm", reason, HEAD)) == "pay_run.inputs_changed"
    again = await step(office, "pay-runs", {"pool": "winter", "plan": plan})
    assert await amounts(office, again["id"]) == {key(0): 1_000, key(1): 2_000}


async def test_whoever_has_no_month_left_stands_outside(office: Office) -> None:
    first, last = month(2), month(4)
    await office.in_effect()
    await set_people(office, "spring", first, last)
    run = await confirmed(office, code="spring")
    assert await amounts(office, run) == {key(0): 0, key(1): 3_000}


async def test_a_warning_takes_nothing_away(office: Office) -> None:
    first, last = month(2), month(4)
    await office.in_effect(0, [{"handling": "warning"}])
    await set_people(office, "spring", first, last)
    run = await confirmed(office, code="spring")
    assert await amounts(office, run) == {key(0): 1_500, key(1): 1_500}
