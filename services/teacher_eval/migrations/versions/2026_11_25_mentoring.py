"""Mentoring: pairs, lessons and reviews."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "mentoring_pairs",
        sa.Column("mentor_key", sa.String(collation="C"), nullable=False),
        sa.Column("mentee_key", sa.String(collation="C"), nullable=False),
        sa.Column("mentor_school", sa.String(collation="C"), nullable=False),
        sa.Column("mentee_school", sa.String(collation="C"), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("goals", sa.Text(), nullable=False),
        sa.Column("lessons_needed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mentor_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mentee_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state <> 'completed' or completed_on is not null", name=op.f("ck_mentoring_pairs_completed")
        ),
        sa.CheckConstraint(
            "state in ('proposed','agreed','declined','completed','ended')", name=op.f("ck_mentoring_pairs_state")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_mentoring_pairs_period")),
        sa.CheckConstraint("mentor_key <> mentee_key", name=op.f("ck_mentoring_pairs_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_pairs")),
    )
    op.create_index("ix_mentoring_pairs_mentee_key", "mentoring_pairs", ["mentee_key"], unique=False)
    op.create_index("ix_mentoring_pairs_mentor_key", "mentoring_pairs", ["mentor_key"], unique=False)
    op.create_index("ix_mentoring_pairs_org_path_id", "mentoring_pairs", ["org_path", "id"], unique=False)
    op.create_index(
        "uq_mentoring_pairs_standing",
        "mentoring_pairs",
        ["mentor_key", "mentee_key"],
        unique=True,
        postgresql_where="state in ('proposed','agreed')",
    )
    op.create_table(
        "mentoring_lessons",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("heard_on", sa.Date(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("taught_by", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("entered_by in ('mentor','mentee')", name=op.f("ck_mentoring_lessons_entered_by")),
        sa.CheckConstraint("taught_by in ('mentor','mentee')", name=op.f("ck_mentoring_lessons_taught_by")),
        sa.CheckConstraint("period between 1 and 12", name=op.f("ck_mentoring_lessons_period")),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentoring_pairs.id"], name=op.f("fk_mentoring_lessons_pair_id_mentoring_pairs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_lessons")),
        sa.UniqueConstraint("pair_id", "heard_on", "period", name=op.f("uq_mentoring_lessons_pair_id_heard_on_period")),
    )
    op.create_table(
        "mentoring_reviews",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("progress", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("side in ('mentor','mentee')", name=op.f("ck_mentoring_reviews_side")),
        sa.CheckConstraint("semester in (1, 2) and progress between 1 and 5", name=op.f("ck_mentoring_reviews_values")),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentoring_pairs.id"], name=op.f("fk_mentoring_reviews_pair_id_mentoring_pairs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_reviews")),
        sa.UniqueConstraint(
            "pair_id",
            "school_year",
            "semester",
            "side",
            name=op.f("uq_mentoring_reviews_pair_id_school_year_semester_side"),
        ),
    )
    protect_rows(op, "mentoring_pairs", "mentoring_lessons", "mentoring_reviews")
    keep_rows_final(op, "mentoring_reviews")
