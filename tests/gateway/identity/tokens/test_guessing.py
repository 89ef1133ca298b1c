"""Guessing gets nowhere, learns nothing, and shuts nobody else out."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import httpx
import pytest

from gateway.identity.settings import IdentitySettings
from gateway.settings import GatewaySettings
from tests.gateway.identity.support import (
    ADMIN,
    ADMIN_PASSWORD,
    CITY_ADMIN,
    HEAD,
    HEAD_PASSWORD,
    VENDOR,
    Running,
    running_issuer,
)

pytestmark = pytest.mark.anyio
ATTACKER = "198.51.100.7"
LIMITS = IdentitySettings()


def kinds(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json()["error"]) for answer in answers)


async def test_two_hundred_wrong_secrets_at_once_cost_a_handful_of_checks(gateway_settings: GatewaySettings) -> None:
    # With the real cost of Argon2: 200 unchecked would keep a core busy for four seconds.
    async with running_issuer(gateway_settings, IdentitySettings()) as issuer:
        before, started = issuer.issuer.hasher.computed, time.perf_counter()
        tries = [issuer.machine(VENDOR, f"guess-number-{n:08}", address=ATTACKER) for n in range(200)]
        answers = await asyncio.gather(*tries)
        seconds = time.perf_counter() - started
        computed = issuer.issuer.hasher.computed - before
        assert set(kinds(answers)) == {(401, "invalid_client"), (429, "slow_down")}
        # Two attempts may be in their slots when the limit is reached.
        assert LIMITS.pair.allowed < computed <= LIMITS.pair.allowed + LIMITS.argon2_slots
        assert kinds(answers)[401, "invalid_client"] == computed
        assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 429)
        assert seconds < 4
        # The vendor itself comes from elsewhere and is served meanwhile.
        assert (await issuer.machine()).status_code == 200


async def test_names_nobody_has_get_the_same_answers_after_the_same_work(issuer: Running) -> None:
    hasher = issuer.issuer.hasher

    async def outcome(name: str, address: str) -> list[tuple[int, str, int]]:
        seen = []
        for _ in range(LIMITS.pair.allowed + 3):
            before = hasher.computed
            answer = await issuer.person(name, "wrong wrong wrong", address=address)
            seen.append((answer.status_code, answer.text, hasher.computed - before))
        return seen

    known, unknown = await outcome(ADMIN, "198.51.100.1"), await outcome("nobody-here", "198.51.100.2")
    assert known == unknown
    assert [status for status, *_ in known] == [400] * (LIMITS.pair.allowed + 1) + [429] * 2
    machine, stranger = await issuer.machine(secret="x" * 20), await issuer.machine("stranger", "x" * 20)
    assert (machine.status_code, machine.text) == (stranger.status_code, stranger.text)


async def test_a_lockout_grows_and_ends(issuer: Running) -> None:
    async def wait() -> int:
        answer = await issuer.person(HEAD, HEAD_PASSWORD, address=ATTACKER)
        return int(answer.headers.get("retry-after", 0))

    for _ in range(LIMITS.pair.allowed + 1):
        await issuer.person(HEAD, "wrong wrong wrong", address=ATTACKER)
    assert 0 < await wait() <= 15
    # The right password does not help while the lockout lasts, so being locked tells nothing about a guess.
    issuer.clock.advance(16)
    await issuer.person(HEAD, "wrong wrong wrong", address=ATTACKER)
    assert 15 < await wait() <= 30
    issuer.clock.advance(31)
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address=ATTACKER)).status_code == 200
    # Success forgives the pair: the next slip costs nothing.
    await issuer.person(HEAD, "wrong wrong wrong", address=ATTACKER)
    assert await wait() == 0


async def test_many_addresses_guessing_at_one_name_are_held_together(issuer: Running) -> None:
    tries = LIMITS.name.allowed + 10
    answers = [await issuer.person(HEAD, "wrong wrong wrong", address=f"203.0.113.{number}") for number in range(tries)]
    assert kinds(answers) == {(400, "invalid_grant"): LIMITS.name.allowed + 1, (429, "slow_down"): 9}


async def test_guessing_from_elsewhere_does_not_lock_the_owner_out(issuer: Running) -> None:
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address="192.0.2.9")).status_code == 200
    issuer.clock.advance(61)  # no longer remembered: will really be checked again
    for number in range(LIMITS.name.allowed + 2):
        await issuer.person(HEAD, "wrong wrong wrong", address=f"203.0.113.{number}")
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address="203.0.113.250")).status_code == 429
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address="192.0.2.9")).status_code == 200


async def test_one_address_trying_many_names_is_held(issuer: Running) -> None:
    tries = LIMITS.address.allowed + 20
    answers = await asyncio.gather(
        *(issuer.person(f"someone-{number}", "spring rain 2026", address=ATTACKER) for number in range(tries))
    )
    counted = kinds(list(answers))
    assert counted[400, "invalid_grant"] <= LIMITS.address.allowed + LIMITS.argon2_slots
    assert counted[429, "slow_down"] >= 20 - LIMITS.argon2_slots


async def test_addresses_of_one_network_count_as_one(issuer: Running) -> None:
    for number in range(LIMITS.pair.allowed + 1):
        await issuer.person(HEAD, "wrong wrong wrong", address=f"2001:db8::{number + 1}")
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address="2001:db8::ffff")).status_code == 429
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address="2001:db8:0:1::1")).status_code == 200


async def test_a_crowd_of_right_secrets_is_served_with_few_checks(issuer: Running) -> None:
    before = issuer.issuer.hasher.computed
    answers = await asyncio.gather(*(issuer.machine() for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert issuer.issuer.hasher.computed - before <= LIMITS.argon2_slots


async def test_an_administrator_unlocks_by_a_reset(issuer: Running) -> None:
    for _ in range(LIMITS.pair.allowed + 1):
        await issuer.person(HEAD, "wrong wrong wrong", address=ATTACKER)
    assert (await issuer.person(HEAD, HEAD_PASSWORD, address=ATTACKER)).status_code == 429
    reset = await issuer.call("POST", f"/accounts/{HEAD}/password", CITY_ADMIN)
    answer = await issuer.person(HEAD, reset.json()["initial_password"], address=ATTACKER)
    assert answer.status_code == 200
    assert (await issuer.person(ADMIN, ADMIN_PASSWORD)).status_code == 200
