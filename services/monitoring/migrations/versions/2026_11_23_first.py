"""The kernel's schema; exams, participants, uploads, mark sheets, analyses, result sets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.kernel_schema import create_kernel_schema_v1
from shared.kernel.database.scope import protect_rows

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_kernel_schema_v1(op)
    op.create_table(
        "exams",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("roster_sha256", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('draft','collecting','sealed','analyzed','published','withdrawn')", name=op.f("ck_exams_state")
        ),
        sa.CheckConstraint("grade_level between 1 and 12", name=op.f("ck_exams_grade_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exams")),
        sa.UniqueConstraint("code", name=op.f("uq_exams_code")),
    )
    op.create_index("ix_exams_org_path_code", "exams", ["org_path", "code"], unique=False)
    op.create_table(
        "analyses",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_sha256", sa.Text(), nullable=False),
        sa.Column("frames", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("methods", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('queued','finished')", name=op.f("ck_analyses_state")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_analyses_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analyses")),
        sa.UniqueConstraint("exam_id", "number", name=op.f("uq_analyses_exam_id_number")),
    )
    op.create_table(
        "exam_participants",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("enrolled_count", sa.BigInteger(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["exam_id"], ["exams.id"], name=op.f("fk_exam_participants_exam_id_exams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exam_id", "school_code", name=op.f("pk_exam_participants")),
    )
    op.create_index("ix_exam_participants_exam_id_org_path", "exam_participants", ["exam_id", "org_path"], unique=False)
    op.create_table(
        "mark_sheet_uploads",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=True),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults_sha256", sa.Text(), nullable=True),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("received_from", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "outcome in ('pending','accepted','partly_accepted','refused')", name=op.f("ck_mark_sheet_uploads_outcome")
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_mark_sheet_uploads_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_sheet_uploads")),
    )
    op.create_index("ix_mark_sheet_uploads_exam_id_id", "mark_sheet_uploads", ["exam_id", "id"], unique=False)
    op.create_table(
        "mark_sheets",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_mark_sheets_exam_id_exams")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["mark_sheet_uploads.id"], name=op.f("fk_mark_sheets_upload_id_mark_sheet_uploads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_sheets")),
    )
    op.create_index("ix_mark_sheets_exam_id_org_path", "mark_sheets", ["exam_id", "org_path"], unique=False)
    op.create_index(
        "uq_mark_sheets_current",
        "mark_sheets",
        ["exam_id", "school_code"],
        unique=True,
        postgresql_where="superseded_at is null",
    )
    op.create_table(
        "result_sets",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("patch", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("analysis_id", sa.Uuid(), nullable=True),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "(state = 'published') = (analysis_id is not null)", name=op.f("ck_result_sets_withdrawn_is_empty")
        ),
        sa.CheckConstraint("state in ('published','withdrawn')", name=op.f("ck_result_sets_state")),
        sa.ForeignKeyConstraint(["analysis_id"], ["analyses.id"], name=op.f("fk_result_sets_analysis_id_analyses")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_result_sets_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_sets")),
        sa.UniqueConstraint(
            "exam_id", "major", "minor", "patch", name=op.f("uq_result_sets_exam_id_major_minor_patch")
        ),
    )
    protect_rows(op, "exam_participants", "mark_sheet_uploads", "mark_sheets", "analyses")
    protect_rows(op, "exams", "result_sets", shared_downward=True)
