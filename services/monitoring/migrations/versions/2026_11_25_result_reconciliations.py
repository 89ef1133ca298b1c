"""Others' totals held against published results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "result_reconciliations",
        sa.Column("result_set_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=True),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("differences_sha256", sa.Text(), nullable=False),
        sa.Column("posted_org", sa.String(collation="C"), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_set_id"], ["result_sets.id"], name=op.f("fk_result_reconciliations_result_set_id_result_sets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_reconciliations")),
    )
    op.create_index(
        "ix_result_reconciliations_result_set_id_id", "result_reconciliations", ["result_set_id", "id"], unique=False
    )
    protect_rows(op, "result_reconciliations")
