"""Tables and migrations of monitoring say the same, and every table with a path is protected."""

import pytest
from sqlalchemy import text

from services.monitoring.app import SERVICE
from services.monitoring.tables import METADATA
from shared.kernel.database.engine import Database
from shared.kernel.database.migrations import drift, pending, upgrade
from shared.kernel.settings import ServiceSettings


def test_no_drift(monitoring_settings: ServiceSettings) -> None:
    assert not pending(SERVICE.migrations, monitoring_settings)
    assert drift(METADATA, monitoring_settings) == []
    upgrade(SERVICE.migrations, monitoring_settings)


@pytest.mark.anyio
async def test_every_table_with_a_path_is_protected(monitoring_settings: ServiceSettings) -> None:
    scoped = {name for name, table in METADATA.tables.items() if "org_path" in table.columns}
    database = Database(monitoring_settings.database_url.get_secret_value())
    async with database.transaction(None) as session:
        protected = await session.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'")
        )
        assert scoped <= {row.relname for row in protected}
        assert (await session.execute(text("select count(*) from exams"))).scalar_one() == 0
    await database.close()
