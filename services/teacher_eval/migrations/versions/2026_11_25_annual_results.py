"""Results of schools in versions, grades and quotas as decided, notices, objections and reviews."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows
from shared.kits.appeals.schema import create_appeals_v1
from shared.kits.publicity.schema import create_notices_v1

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    create_notices_v1(op, "cycle_notices")
    create_appeals_v1(op, "result_appeals", "result_appeal_messages")
    op.create_table(
        "quota_decisions",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("school_cycle_id", sa.Uuid(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=6, scale=4), nullable=True),
        sa.Column("seats", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(rate is null) <> (seats is null)", name=op.f("ck_quota_decisions_one")),
        sa.CheckConstraint("rate is null or (rate >= 0 and rate <= 1)", name=op.f("ck_quota_decisions_rate")),
        sa.CheckConstraint("seats is null or seats >= 0", name=op.f("ck_quota_decisions_seats")),
        sa.ForeignKeyConstraint(
            ["school_cycle_id"], ["school_cycles.id"], name=op.f("fk_quota_decisions_school_cycle_id_school_cycles")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_quota_decisions")),
    )
    op.create_index(
        "ix_quota_decisions_school_cycle_id_seq", "quota_decisions", ["school_cycle_id", "seq"], unique=False
    )
    op.create_table(
        "school_results",
        sa.Column("school_cycle_id", sa.Uuid(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("frames", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("software", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("last_word", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_cycle_id"], ["school_cycles.id"], name=op.f("fk_school_results_school_cycle_id_school_cycles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_results")),
        sa.UniqueConstraint(
            "school_cycle_id", "major", "minor", name=op.f("uq_school_results_school_cycle_id_major_minor")
        ),
    )
    op.create_table(
        "grade_decisions",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "grade in ('excellent','qualified','basically_qualified','unqualified')",
            name=op.f("ck_grade_decisions_grade"),
        ),
        sa.CheckConstraint("note in ('by_total','tied','capped','no_total')", name=op.f("ck_grade_decisions_note")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["cycle_members.id"], name=op.f("fk_grade_decisions_member_id_cycle_members")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["school_results.id"], name=op.f("fk_grade_decisions_result_id_school_results")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_grade_decisions")),
    )
    op.create_index("ix_grade_decisions_member_id_seq", "grade_decisions", ["member_id", "seq"], unique=False)
    op.add_column("cycle_members", sa.Column("total", sa.Numeric(precision=6, scale=2), nullable=True))
    op.add_column("cycle_members", sa.Column("grade", sa.Text(), nullable=True))
    protect_rows(op, "school_results", "grade_decisions", "quota_decisions")
    keep_rows_final(op, "school_results", "grade_decisions", "quota_decisions")
