"""Tables and migrations of every service say the same; no role goes around row-level security."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import MetaData, text

from services.monitoring.app import SERVICE as MONITORING
from services.roster.app import SERVICE as ROSTER
from services.school_eval.app import SERVICE as SCHOOL_EVAL
from services.student_eval.app import SERVICE as STUDENT_EVAL
from services.teacher_eval.app import SERVICE as TEACHER_EVAL
from shared.kernel.app import Service
from shared.kernel.database.engine import Database
from shared.kernel.database.migrations import drift, pending, upgrade
from shared.kernel.settings import ServiceSettings
from tests.support.databases import TestDatabases

SERVICES = (ROSTER, MONITORING, SCHOOL_EVAL, TEACHER_EVAL, STUDENT_EVAL)


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def migrated(request: pytest.FixtureRequest, databases: TestDatabases) -> Iterator[tuple[Service, ServiceSettings]]:
    service: Service = request.param
    calls = {} if service is ROSTER else {"gateway_url": "http://127.0.0.1:9", "client_id": f"service-{service.name}"}
    with databases.of(service, **calls) as settings:
        yield service, settings


def metadata_of(service: Service) -> MetaData:
    assert service.metadata is not None
    return service.metadata


def test_no_drift(migrated: tuple[Service, ServiceSettings]) -> None:
    service, settings = migrated
    assert not pending(service.migrations, settings)
    assert drift(metadata_of(service), settings) == []
    upgrade(service.migrations, settings)


@pytest.mark.anyio
async def test_every_table_with_a_path_is_protected(migrated: tuple[Service, ServiceSettings]) -> None:
    service, settings = migrated
    scoped = {name for name, table in metadata_of(service).tables.items() if "org_path" in table.columns}
    database = Database(settings.database_url.get_secret_value())
    async with database.transaction(None) as session:
        protected = await session.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'")
        )
        assert scoped
        assert scoped <= {row.relname for row in protected}
        # Without a scope no row is seen, and that is no error.
        assert (await session.execute(text(f"select count(*) from {min(scoped)}"))).scalar_one() == 0  # noqa: S608
    await database.close()


@pytest.mark.parametrize("migrated", [ROSTER], indirect=True)
def test_the_check_command_agrees(migrated: tuple[Service, ServiceSettings]) -> None:
    _, roster_settings = migrated
    owner = roster_settings.migration_database_url
    assert owner is not None
    environment = {
        "ROSTER_DATABASE_URL": roster_settings.database_url.get_secret_value(),
        "ROSTER_MIGRATION_DATABASE_URL": owner.get_secret_value(),
        **{
            f"ROSTER_{name.upper()}": str(getattr(roster_settings, name))
            for name in ("secrets_dir", "jwks", "issuer", "store_url")
        },
    }
    command = [sys.executable, "-m", "services.roster", "check"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "roster: ok\n"), ran.stderr
