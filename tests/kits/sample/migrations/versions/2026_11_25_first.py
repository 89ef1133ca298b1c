"""Kernel schema, reports and the kits' tables."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.kernel_schema import create_kernel_schema_v1
from shared.kernel.database.scope import protect_rows
from shared.kits.appeals.schema import create_appeals_v1
from shared.kits.evidence.schema import create_evidence_v1
from shared.kits.publicity.schema import create_notices_v1
from shared.kits.sign_offs.schema import create_sign_offs_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_kernel_schema_v1(op)
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False, unique=True),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("is_frozen", sa.Boolean(), nullable=False),
    )
    protect_rows(op, "reports")
    create_evidence_v1(op)
    create_notices_v1(op)
    create_appeals_v1(op)
    create_sign_offs_v1(op)
