"""Fitness results of schools."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "fitness_sheets",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("sha256", sa.String(collation="C"), nullable=False),
        sa.Column("student_count", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fitness_sheets")),
        sa.UniqueConstraint("school_year", "school_code", name=op.f("uq_fitness_sheets_school_year_school_code")),
    )
    op.create_index("ix_fitness_sheets_org_path_id", "fitness_sheets", ["org_path", "id"], unique=False)
    op.create_table(
        "fitness_sheet_states",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("by_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["fitness_sheets.id"], name=op.f("fk_fitness_sheet_states_sheet_id_fitness_sheets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fitness_sheet_states")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_fitness_sheet_states_sheet_id_number")),
    )
    protect_rows(op, "fitness_sheets", "fitness_sheet_states")
    keep_rows_final(op, "fitness_sheet_states")
