"""The audit log shows any change, gap or moved record, and no service role can write it."""

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.app import open_kernel
from shared.kernel.audit.log import note, verify_chain
from shared.kernel.context import Kernel
from shared.kernel.settings import ServiceSettings
from tests.kernel.sample.service import SERVICE
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
WHO = actor("city_admin", "99/9900/")


async def write(kernel: Kernel, count: int) -> None:
    for number in range(count):
        async with kernel.database.transaction("99/") as session:
            note(session, WHO, "note.created", f"n{number}", {"number": number, "名": "值"})


async def as_owner(settings: ServiceSettings, statement: str) -> None:
    assert settings.migration_database_url is not None
    url = settings.migration_database_url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def first_bad(settings: ServiceSettings, statement: str) -> tuple[int, int | None]:
    kernel = open_kernel(SERVICE, settings)
    await write(kernel, 5)
    await as_owner(settings, statement)
    async with kernel.database.transaction("") as session:
        report = await verify_chain(session)
    await kernel.database.close()
    return report.records, report.first_bad_seq


async def test_an_untouched_chain_holds(sample_settings: ServiceSettings) -> None:
    assert await first_bad(sample_settings, "select 1") == (5, None)


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("update audit_log set payload = replace(payload, 'n2', 'n9') where seq = 3", 3),
        ("update audit_log set payload = replace(payload, '202', '203') where seq = 2", 2),
        ("delete from audit_log where seq = 3", 4),
        ("update audit_log set seq = 9 where seq = 4", 5),
        ("update audit_log set hash = sha256('x') where seq = 1", 1),
    ],
)
async def test_tampering_is_seen(sample_settings: ServiceSettings, statement: str, bad: int) -> None:
    assert (await first_bad(sample_settings, statement))[1] == bad


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_log set payload = '{}'",
        "delete from audit_log",
        "truncate audit_log",
        "insert into audit_log (seq, at, payload, prev_hash, hash) values (9, now(), '{}', '', '')",
    ],
)
async def test_the_services_role_may_only_append(sample_settings: ServiceSettings, statement: str) -> None:
    kernel = open_kernel(SERVICE, sample_settings)

    async def tamper() -> None:
        async with kernel.database.transaction("") as session:
            await session.execute(text(statement))

    with pytest.raises(DBAPIError, match="permission denied"):
        await tamper()
    await kernel.database.close()


async def test_notes_of_a_refused_request_are_gone(sample: httpx.AsyncClient, sample_settings: ServiceSettings) -> None:
    failing = {"code": "a", "text": "fail after writing", "org_path": "99/9900/"}
    await sample.post("/notes", json=failing, headers=bearer(WHO))
    kernel = open_kernel(SERVICE, sample_settings)
    async with kernel.database.transaction("") as session:
        assert (await verify_chain(session)).records == 0
    await kernel.database.close()
