"""School statistics and their states."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "school_statistics",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_statistics")),
        sa.UniqueConstraint("school_code", "school_year", name=op.f("uq_school_statistics_school_code_school_year")),
    )
    op.create_index("ix_school_statistics_org_path_id", "school_statistics", ["org_path", "id"], unique=False)
    op.create_index("ix_school_statistics_school_year", "school_statistics", ["school_year"], unique=False)
    op.create_table(
        "school_statistics_states",
        sa.Column("statistics_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["statistics_id"],
            ["school_statistics.id"],
            name=op.f("fk_school_statistics_states_statistics_id_school_statistics"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_statistics_states")),
        sa.UniqueConstraint("statistics_id", "number", name=op.f("uq_school_statistics_states_statistics_id_number")),
    )
    protect_rows(op, "school_statistics", "school_statistics_states")
    keep_rows_final(op, "school_statistics_states")
