"""Process records of pupils, and what terms of their classes came to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "process_records",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node", sa.String(collation="C"), nullable=False),
        sa.Column("indicator", sa.String(collation="C"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("kind in ('record','milestone')", name=op.f("ck_process_records_kind")),
        sa.CheckConstraint("writer in ('student','teacher')", name=op.f("ck_process_records_writer")),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_process_records_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_records")),
    )
    op.create_index(
        "ix_process_records_term_id", "process_records", ["term_id", "student_key", "happened_on", "id"], unique=False
    )
    op.create_table(
        "development_results",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("frames", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("student_count", sa.BigInteger(), nullable=False),
        sa.Column("accept_reason", sa.Text(), nullable=True),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_development_results_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_results")),
        sa.UniqueConstraint("term_id", "number", name=op.f("uq_development_results_term_id_number")),
    )
    op.create_table(
        "pupil_developments",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("grades", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["development_results.id"], name=op.f("fk_pupil_developments_result_id_development_results")
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_pupil_developments_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_developments")),
        sa.UniqueConstraint("term_id", "student_key", name=op.f("uq_pupil_developments_term_id_student_key")),
    )
    op.create_index(
        "ix_pupil_developments_student_key",
        "pupil_developments",
        ["student_key", "school_year", "semester"],
        unique=False,
    )
    op.create_table(
        "development_counts",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.String(collation="C"), nullable=False),
        sa.Column("grade", sa.String(collation="C"), nullable=False),
        sa.Column("scheme_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("pupils", sa.BigInteger(), nullable=False),
        sa.Column("share_sum", sa.Double(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_development_counts_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("term_id", "node", "grade", name=op.f("pk_development_counts")),
    )
    op.create_index(
        "ix_development_counts_school_year",
        "development_counts",
        ["school_year", "semester", "node", "org_path"],
        unique=False,
    )
    protect_rows(op, "process_records", "development_results", "pupil_developments", "development_counts")
    keep_rows_final(op, "development_results")
