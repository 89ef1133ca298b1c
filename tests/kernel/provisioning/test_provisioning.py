"""Provisioning for real: what each role may do, and that doing it again or at once changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from shared.kernel.database.provisioning import (
    database_of,
    new_password,
    provision,
    role_names,
    scram_verifier,
)
from shared.kernel.embedded_postgres import EmbeddedPostgres

SERVICES = ("roster", "monitoring")

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("pg") / "data", durable=False) as server:
        asyncio.run(provision(server.admin_url(), database="education", services=SERVICES))
        asyncio.run(_make_tables(server))
        yield server


async def _make_tables(server: EmbeddedPostgres) -> None:
    for service in SERVICES:
        async with connected(server, role_names(service)[0]) as owner:
            await owner.execute(
                "CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY, word text);"
                "CREATE TABLE sealed (id bigint); REVOKE UPDATE, DELETE ON sealed FROM CURRENT_USER;"
                f"REVOKE UPDATE, DELETE ON sealed FROM {service}_app;"
                "CREATE SEQUENCE numbers; CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'"
            )


@asynccontextmanager
async def connected(server: EmbeddedPostgres, role: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(server.url(role, "education"))
    try:
        yield connection
    finally:
        await connection.close()


async def test_the_addresses_are_sqlalchemy_s_and_lead_to_the_right_role(postgres: EmbeddedPostgres) -> None:
    found = await provision(postgres.admin_url(), database="education", services=SERVICES)
    assert found["roster"].app_url == postgres.sqlalchemy_url("roster_app", "education")
    assert found["roster"].owner_url == postgres.sqlalchemy_url("roster_owner", "education")
    assert set(found) == set(SERVICES)


async def test_unqualified_names_mean_the_service_s_own_schema(postgres: EmbeddedPostgres) -> None:
    async with connected(postgres, "monitoring_app") as app:
        assert await app.fetchval("SELECT 'things'::regclass = 'monitoring.things'::regclass")


async def test_the_app_role_reads_and_writes_rows(postgres: EmbeddedPostgres) -> None:
    async with connected(postgres, "roster_app") as app:
        await app.execute("INSERT INTO things (word) VALUES ('学校'), ('班级')")
        await app.execute("UPDATE things SET word = '年级' WHERE word = '班级'")
        await app.execute("DELETE FROM things WHERE word = '学校'")
        assert await app.fetchval("SELECT string_agg(word, ',') FROM things") == "年级"
        assert await app.fetchval("SELECT nextval('numbers') + one()") == 2


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE things ADD COLUMN more int",
        "TRUNCATE things",
        "DROP TABLE things",
        "SELECT * FROM monitoring.things",
        "SELECT monitoring.one()",
        "UPDATE sealed SET id = 1",
        "SET ROLE roster_owner",
        "CREATE ROLE other",
        "CREATE DATABASE other",
    ],
)
async def test_the_app_role_may_nothing_else(postgres: EmbeddedPostgres, forbidden: str) -> None:
    async with connected(postgres, "roster_app") as app:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(forbidden)


async def test_an_owner_does_not_see_another_service_s_schema(postgres: EmbeddedPostgres) -> None:
    async with connected(postgres, "roster_owner") as owner:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.fetch("SELECT * FROM monitoring.things")


async def test_the_app_role_waits_neither_for_ever_nor_for_locks(postgres: EmbeddedPostgres) -> None:
    async with connected(postgres, "roster_app") as app:
        settings = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [await app.fetchval(f"SHOW {setting}") for setting in settings] == ["30s", "5s", "1min"]


async def test_a_temporary_table_cannot_stand_in_for_a_real_one(postgres: EmbeddedPostgres) -> None:
    async with connected(postgres, "monitoring_app") as app:
        await app.execute("CREATE TEMPORARY TABLE things (planted int)")
        assert await app.fetchval("SELECT 'things'::regclass = 'monitoring.things'::regclass")


async def test_the_database_is_utf_8_in_code_point_order(postgres: EmbeddedPostgres) -> None:
    async with connected(postgres, "roster_app") as app:
        row = await app.fetchrow(
            "SELECT pg_encoding_to_char(encoding), datcollate, datlocale FROM pg_database WHERE datname = 'education'"
        )
        assert tuple(row) == ("UTF8", "C", "C.UTF-8")


async def test_a_second_run_gives_nothing_back_that_a_migration_took(postgres: EmbeddedPostgres) -> None:
    await provision(postgres.admin_url(), database="education", services=SERVICES)
    async with connected(postgres, "roster_app") as app:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("DELETE FROM sealed")


async def test_many_runs_at_once_end_as_one_would(postgres: EmbeddedPostgres) -> None:
    services = (*SERVICES, "school_eval")
    runs = [provision(postgres.admin_url(), database="crowded", services=services) for _ in range(6)]
    outcomes = await asyncio.gather(*runs)
    assert all(outcome == outcomes[0] for outcome in outcomes)
    connection = await asyncpg.connect(postgres.admin_url("crowded"))
    try:
        query = "SELECT array_agg(nspname ORDER BY nspname) FROM pg_namespace WHERE nspname = ANY($1)"
        assert await connection.fetchval(query, list(services)) == sorted(services)
    finally:
        await connection.close()


async def test_an_administrator_who_is_no_superuser_can_provision(postgres: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(postgres.admin_url())
    try:
        await admin.execute("CREATE ROLE bureau LOGIN CREATEDB CREATEROLE")
    finally:
        await admin.close()
    for _ in range(2):
        await provision(postgres.url("bureau", "postgres"), database="given", services=("teacher_eval",))
    connection = await asyncpg.connect(postgres.url("teacher_eval_owner", "given"))
    try:
        await connection.execute("CREATE TABLE things (id int)")
    finally:
        await connection.close()


async def test_a_given_password_opens_the_door_and_another_does_not(postgres: EmbeddedPostgres) -> None:
    """The verifier is ours; the server's own check of it is the reference, over a local rule that asks for it."""
    passwords = {role: new_password() for role in role_names("student_eval")}
    hba = postgres.data_dir / "pg_hba.conf"
    trusting = hba.read_text()
    found = await provision(postgres.admin_url(), database="education", services=("student_eval",), passwords=passwords)
    admin = await asyncpg.connect(postgres.admin_url())
    try:
        hba.write_text("local all student_eval_app scram-sha-256\n" + trusting)
        await admin.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(0.2)
        address = found["student_eval"].app_url.replace("+asyncpg", "")
        assert passwords["student_eval_app"] in address
        await (await asyncpg.connect(address)).close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(address, password="wrong")
    finally:
        hba.write_text(trusting)
        await admin.execute("SELECT pg_reload_conf()")
        await admin.close()


async def test_a_password_missing_for_a_role_is_refused_before_anything_is_made(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="roster_owner"):
        await provision(postgres.admin_url(), database="never", services=("roster",), passwords={"roster_app": "x"})


@pytest.mark.parametrize("name", ["", "Roster", "1a", "a-b", 'a"; DROP TABLE x; --'])
async def test_a_name_that_is_no_schema_name_is_refused(postgres: EmbeddedPostgres, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        await provision(postgres.admin_url(), database="never", services=(name,))


async def test_tls_is_asked_for_in_each_driver_s_own_word(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.kernel.database import provisioning

    address = provisioning._addresses(
        "postgresql://admin:s3cret@db.example:5433/x?sslmode=verify-full",
        "education",
        "roster",
        {
            "roster_owner": "a/b",
            "roster_app": "c",
        },
    )
    assert address.owner_url == "postgresql+asyncpg://roster_owner:a%2Fb@db.example:5433/education?ssl=verify-full"
    assert "s3cret" not in repr(address)


def test_the_same_password_gives_the_same_verifier_and_another_another() -> None:
    assert scram_verifier("a") == scram_verifier("a") != scram_verifier("b")


@pytest.mark.parametrize(
    ("url", "name"),
    [("postgresql://u@h/db", "db"), ("postgresql+asyncpg://u@h/d%20b?x=1", "d b"), ("postgres://u@h", None)],
)
def test_the_database_an_address_names(url: str, name: str | None) -> None:
    assert database_of(url) == name
