"""Timetables of schools."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "school_timetables",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("weeks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("class_count", sa.BigInteger(), nullable=False),
        sa.Column("compliance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("semester in (1, 2)", name=op.f("ck_school_timetables_semester")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_timetables")),
        sa.UniqueConstraint(
            "school_code", "school_year", "semester", name=op.f("uq_school_timetables_school_code_school_year_semester")
        ),
    )
    op.create_index("ix_school_timetables_org_path_id", "school_timetables", ["org_path", "id"], unique=False)
    protect_rows(op, "school_timetables")
