"""Trainings: programs, participants, ratings, records and totals of hours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "training_programs",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("focus", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=7, scale=1), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=True),
        sa.Column("budget_source", sa.Text(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("least_attendance_rate", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("ladder", sa.String(collation="C"), nullable=True),
        sa.Column("rung", sa.String(collation="C"), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "direction in ('sent_out','invited_in','local','online')", name=op.f("ck_training_programs_direction")
        ),
        sa.CheckConstraint(
            "focus in ('subject_teaching','homeroom','leadership','research','digital','conduct','safety')",
            name=op.f("ck_training_programs_focus"),
        ),
        sa.CheckConstraint(
            "level in ('national','provincial','city','county','school')", name=op.f("ck_training_programs_level")
        ),
        sa.CheckConstraint("state in ('planned','open','closed','cancelled')", name=op.f("ck_training_programs_state")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_training_programs_period")),
        sa.CheckConstraint("hours > 0 and budget_fen >= 0", name=op.f("ck_training_programs_amounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_programs")),
        sa.UniqueConstraint("code", name=op.f("uq_training_programs_code")),
    )
    op.create_index(
        "ix_training_programs_org_path_starts_on", "training_programs", ["org_path", "starts_on"], unique=False
    )
    op.create_table(
        "training_records",
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("source", sa.String(collation="C"), nullable=False),
        sa.Column("record_code", sa.String(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=7, scale=1), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.String(collation="C"), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "level in ('national','provincial','city','county','school')", name=op.f("ck_training_records_level")
        ),
        sa.CheckConstraint("hours > 0", name=op.f("ck_training_records_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_records")),
        sa.UniqueConstraint(
            "staff_key", "source", "record_code", name=op.f("uq_training_records_staff_key_source_record_code")
        ),
    )
    op.create_index("ix_training_records_org_path_id", "training_records", ["org_path", "id"], unique=False)
    op.create_index(
        "ix_training_records_staff_key_completed_on", "training_records", ["staff_key", "completed_on"], unique=False
    )
    op.create_table(
        "training_totals",
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("first_year", sa.BigInteger(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("stages", sa.String(collation="C"), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=True),
        sa.Column("hours", sa.Numeric(precision=7, scale=1), nullable=False),
        sa.Column("by_level", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("staff_key", "first_year", name=op.f("pk_training_totals")),
    )
    op.create_index(
        "ix_training_totals_org_path_first_year", "training_totals", ["org_path", "first_year"], unique=False
    )
    op.create_table(
        "training_enrollments",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hours_attended", sa.Numeric(precision=7, scale=1), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("has_rated", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('enrolled','completed','not_completed','withdrawn')", name=op.f("ck_training_enrollments_state")
        ),
        sa.CheckConstraint("hours_attended >= 0", name=op.f("ck_training_enrollments_hours_attended")),
        sa.ForeignKeyConstraint(
            ["program_id"], ["training_programs.id"], name=op.f("fk_training_enrollments_program_id_training_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_enrollments")),
        sa.UniqueConstraint("program_id", "staff_key", name=op.f("uq_training_enrollments_program_id_staff_key")),
    )
    op.create_index("ix_training_enrollments_org_path_id", "training_enrollments", ["org_path", "id"], unique=False)
    op.create_index("ix_training_enrollments_staff_key", "training_enrollments", ["staff_key"], unique=False)
    op.create_table(
        "training_ratings",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.SmallInteger(), nullable=False),
        sa.Column("teaching", sa.SmallInteger(), nullable=False),
        sa.Column("organization", sa.SmallInteger(), nullable=False),
        sa.Column("usefulness", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "content between 1 and 5 and teaching between 1 and 5 and organization between 1 and 5 and usefulness between 1 and 5",
            name=op.f("ck_training_ratings_points"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["training_programs.id"], name=op.f("fk_training_ratings_program_id_training_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_ratings")),
    )
    op.create_index("ix_training_ratings_program_id", "training_ratings", ["program_id"], unique=False)
    protect_rows(op, "training_enrollments", "training_ratings", "training_records", "training_totals")
    protect_rows(op, "training_programs", shared_downward=True)
    keep_rows_final(op, "training_ratings")
