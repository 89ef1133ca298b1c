"""Schools ask for corrections; pupils without a row and rows without a pupil are accounted for."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.scope import protect_rows

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sheet_sha256", sa.Text(), nullable=True),
        sa.Column("new_sheet_sha256", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('asked','accepted','refused','closed','lapsed','cancelled')", name=op.f("ck_corrections_state")
        ),
        sa.CheckConstraint(
            "state <> 'accepted' or deadline_at is not null", name=op.f("ck_corrections_accepted_has_deadline")
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_corrections_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_exam_id_org_path", "corrections", ["exam_id", "org_path"], unique=False)
    op.create_index(
        "uq_corrections_open",
        "corrections",
        ["exam_id", "school_code"],
        unique=True,
        postgresql_where="state in ('accepted','asked')",
    )
    op.create_table(
        "exclusions",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=True),
        sa.Column("candidate_id", sa.String(collation="C"), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(student_key is null) <> (candidate_id is null)", name=op.f("ck_exclusions_one_subject")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_exclusions_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusions")),
    )
    op.create_index("ix_exclusions_exam_id_org_path", "exclusions", ["exam_id", "org_path"], unique=False)
    op.create_index(
        "uq_exclusions_student_key",
        "exclusions",
        ["exam_id", "student_key"],
        unique=True,
        postgresql_where="withdrawn_at is null and student_key is not null",
    )
    op.create_index(
        "uq_exclusions_candidate_id",
        "exclusions",
        ["exam_id", "school_code", "candidate_id"],
        unique=True,
        postgresql_where="withdrawn_at is null and candidate_id is not null",
    )
    protect_rows(op, "corrections", "exclusions")
