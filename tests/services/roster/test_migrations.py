"""Tables and migrations say the same; a migration may run twice; the app role cannot go around row-level security."""

import subprocess
import sys

import pytest
from sqlalchemy import text

from services.roster.app import SERVICE
from services.roster.tables import METADATA
from shared.kernel.database.engine import Database
from shared.kernel.database.migrations import drift, pending, upgrade
from shared.kernel.settings import ServiceSettings


def test_no_drift(roster_settings: ServiceSettings) -> None:
    assert not pending(SERVICE.migrations, roster_settings)
    assert drift(METADATA, roster_settings) == []
    upgrade(SERVICE.migrations, roster_settings)


def test_the_check_command_agrees(roster_settings: ServiceSettings) -> None:
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


@pytest.mark.anyio
async def test_every_table_with_a_path_is_protected(roster_settings: ServiceSettings) -> None:
    scoped = {name for name, table in METADATA.tables.items() if "org_path" in table.columns}
    database = Database(roster_settings.database_url.get_secret_value())
    async with database.transaction(None) as session:
        protected = await session.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'")
        )
        assert scoped <= {row.relname for row in protected}
        assert (await session.execute(text("select count(*) from schools"))).scalar_one() == 0
    await database.close()
