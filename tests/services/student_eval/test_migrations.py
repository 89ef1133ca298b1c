"""Tables and migrations of student evaluation say the same, and every table with a path is protected."""

import pytest
from sqlalchemy import text

from services.student_eval.app import SERVICE
from services.student_eval.tables import METADATA
from shared.kernel.database.engine import Database
from shared.kernel.database.migrations import drift, pending, upgrade
from shared.kernel.settings import ServiceSettings


def test_no_drift(student_eval_settings: ServiceSettings) -> None:
    assert not pending(SERVICE.migrations, student_eval_settings)
    assert drift(METADATA, student_eval_settings) == []
    upgrade(SERVICE.migrations, student_eval_settings)


@pytest.mark.anyio
async def test_every_table_with_a_path_is_protected(student_eval_settings: ServiceSettings) -> None:
    scoped = {name for name, table in METADATA.tables.items() if "org_path" in table.columns}
    database = Database(student_eval_settings.database_url.get_secret_value())
    async with database.transaction(None) as session:
        protected = await session.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity and relkind = 'r'")
        )
        assert scoped <= {row.relname for row in protected}
    await database.close()
