"""Tables and migrations of school evaluation say the same, and every table with a path is protected."""

import pytest
from sqlalchemy import text

from services.school_eval.app import SERVICE
from services.school_eval.tables import METADATA
from shared.kernel.database.engine import Database
from shared.kernel.database.migrations import drift, pending, upgrade
from shared.kernel.settings import ServiceSettings


def test_no_drift(school_eval_settings: ServiceSettings) -> None:
    assert not pending(SERVICE.migrations, school_eval_settings)
    assert drift(METADATA, school_eval_settings) == []
    upgrade(SERVICE.migrations, school_eval_settings)


@pytest.mark.anyio
async def test_every_table_with_a_path_is_protected(school_eval_settings: ServiceSettings) -> None:
    scoped = {name for name, table in METADATA.tables.items() if "org_path" in table.columns}
    database = Database(school_eval_settings.database_url.get_secret_value())
    async with database.transaction(None) as session:
        protected = await session.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'")
        )
        assert scoped <= {row.relname for row in protected}
    await database.close()
