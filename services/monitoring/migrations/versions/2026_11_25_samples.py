"""Samples of exams: design, closed frame, draw, replacements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "exam_samples",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("design", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sizes_sha256", sa.Text(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("schools_sha256", sa.Text(), nullable=True),
        sa.Column("roster_sha256", sa.Text(), nullable=True),
        sa.Column("frame_hash", sa.Text(), nullable=True),
        sa.Column("roster_hash", sa.Text(), nullable=True),
        sa.Column("school_count", sa.BigInteger(), nullable=True),
        sa.Column("pupil_count", sa.BigInteger(), nullable=True),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True),
        sa.Column("school_year", sa.Text(), nullable=True),
        sa.Column("frame_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frame_closed_by", sa.Text(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("draw_sha256", sa.Text(), nullable=True),
        sa.Column("pupils_sha256", sa.Text(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by", sa.Text(), nullable=True),
        sa.Column("replacements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('designed','frame_closed','drawn')", name=op.f("ck_exam_samples_state")),
        sa.CheckConstraint(
            "state = 'designed' or frame_hash is not null", name=op.f("ck_exam_samples_frame_before_draw")
        ),
        sa.CheckConstraint("(state = 'drawn') = (seed is not null)", name=op.f("ck_exam_samples_seed_with_draw")),
        sa.CheckConstraint(
            "drawn_at is null or drawn_at >= frame_closed_at", name=op.f("ck_exam_samples_seed_after_frame")
        ),
        sa.ForeignKeyConstraint(
            ["exam_id"], ["exams.id"], name=op.f("fk_exam_samples_exam_id_exams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_exam_samples")),
    )
    protect_rows(op, "exam_samples")
