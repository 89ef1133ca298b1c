"""Whose a record is, found by the record."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index(
        "ix_archive_entries_record_id",
        "archive_entries",
        ["record_id"],
        postgresql_where=sa.text("kind = 'record_written'"),
    )
