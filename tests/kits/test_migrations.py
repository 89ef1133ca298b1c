"""The tables of the kits' mixins are those their migration functions make, protected by path."""

import pytest
from sqlalchemy import text

from shared.kernel.database.engine import Database
from shared.kernel.database.migrations import drift
from shared.kernel.settings import ServiceSettings
from tests.kits.sample.service import SERVICE, Base


def test_no_drift(kits_settings: ServiceSettings) -> None:
    assert drift(SERVICE.metadata, kits_settings) == []


@pytest.mark.anyio
async def test_every_table_with_a_path_is_protected(kits_settings: ServiceSettings) -> None:
    scoped = {name for name, table in Base.metadata.tables.items() if "org_path" in table.columns}
    database = Database(kits_settings.database_url.get_secret_value())
    async with database.transaction(None) as session:
        protected = await session.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'")
        )
        assert scoped <= {row.relname for row in protected}
    await database.close()
