from __future__ import annotations

import asyncio

import pytest

from gateway.identity.credentials.hashing import SecretHasher, TooBusyError
from gateway.identity.settings import IdentitySettings

pytestmark = pytest.mark.anyio
CHEAP = IdentitySettings(argon2_memory_kib=8_192, argon2_passes=1, argon2_slots=2, argon2_queue=3)


async def test_what_was_hashed_matches_and_nothing_else() -> None:
    hasher = SecretHasher(CHEAP)
    stored = await hasher.hashed("correct horse")
    assert stored.startswith("$argon2id$")
    assert await hasher.matches(stored, "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ")
    assert not await hasher.matches(stored, "Correct horse")
    assert not await hasher.matches("not a hash", "correct horse")
    hasher.close()


async def test_nothing_stored_is_the_same_work() -> None:
    hasher = SecretHasher(CHEAP)
    before = hasher.computed
    assert not await hasher.matches(None, "anything")
    assert hasher.computed == before + 1
    hasher.close()


async def test_slots_and_queue_are_bounded() -> None:
    hasher = SecretHasher(CHEAP)
    inside, most, release = 0, 0, asyncio.Event()

    async def occupy() -> str:
        nonlocal inside, most
        try:
            async with hasher.slot():
                inside += 1
                most = max(most, inside)
                await release.wait()
                inside -= 1
        except TooBusyError:
            return "busy"
        return "done"

    tasks = [asyncio.create_task(occupy()) for _ in range(9)]
    await asyncio.sleep(0)
    release.set()
    outcomes = await asyncio.gather(*tasks)
    assert most == 2
    assert outcomes.count("done") == 2 + 3
    assert outcomes.count("busy") == 4
    # Whoever was turned away may come again.
    async with hasher.slot():
        pass
    hasher.close()
