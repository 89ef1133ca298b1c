"""Kernel schema and notes."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.kernel_schema import create_kernel_schema_v1
from shared.kernel.database.scope import protect_rows

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_kernel_schema_v1(op)
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False, unique=True),
        sa.Column("text", sa.Text(), nullable=False),
    )
    protect_rows(op, "notes")
