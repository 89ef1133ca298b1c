"""Growth records: notes of one's own and feedback kept from monitoring."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "growth_feedback",
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("exam", sa.String(collation="C"), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("results_version", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_growth_feedback")),
        sa.UniqueConstraint("staff_key", "exam", "subject", name=op.f("uq_growth_feedback_staff_key_exam_subject")),
    )
    op.create_index("ix_growth_feedback_org_path", "growth_feedback", ["org_path"], unique=False)
    op.create_table(
        "growth_notes",
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("goal_state", sa.Text(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'goal') = (goal_state is not null)", name=op.f("ck_growth_notes_goals_have_states")
        ),
        sa.CheckConstraint("goal_state in ('open','reached','dropped')", name=op.f("ck_growth_notes_goal_state")),
        sa.CheckConstraint("kind in ('reflection','goal')", name=op.f("ck_growth_notes_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_growth_notes")),
    )
    op.create_index("ix_growth_notes_staff_key_id", "growth_notes", ["staff_key", "id"], unique=False)
    protect_rows(op, "growth_notes", "growth_feedback")
