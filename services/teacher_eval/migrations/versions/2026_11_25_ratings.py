"""Ratings: questionnaires, rounds, groups, tickets, sheets, closings and figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "rating_questionnaires",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_questionnaires")),
        sa.UniqueConstraint("org_path", "code", "number", name=op.f("uq_rating_questionnaires_org_path_code_number")),
    )
    op.create_table(
        "rating_rounds",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("audiences", postgresql.JSONB(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("kind in ('rating','democratic_appraisal')", name=op.f("ck_rating_rounds_kind")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_rating_rounds_window")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["rating_questionnaires.id"],
            name=op.f("fk_rating_rounds_questionnaire_id_rating_questionnaires"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_rounds")),
        sa.UniqueConstraint("org_path", "code", name=op.f("uq_rating_rounds_org_path_code")),
    )
    op.create_table(
        "rating_closings",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_count", sa.BigInteger(), nullable=False),
        sa.Column("figures_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rating_rounds.id"], name=op.f("fk_rating_closings_round_id_rating_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_closings")),
        sa.UniqueConstraint("round_id", "org_path", name=op.f("uq_rating_closings_round_id_org_path")),
    )
    op.create_table(
        "rating_figures",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("invited_count", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("raw", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("se", sa.Double(), nullable=True),
        sa.Column("ci_low", sa.Double(), nullable=True),
        sa.Column("ci_high", sa.Double(), nullable=True),
        sa.Column("adjusted_count", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "audience in ('group','peers','students','guardians')", name=op.f("ck_rating_figures_audience")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rating_rounds.id"], name=op.f("fk_rating_figures_round_id_rating_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_figures")),
        sa.UniqueConstraint(
            "round_id",
            "org_path",
            "staff_key",
            "audience",
            name=op.f("uq_rating_figures_round_id_org_path_staff_key_audience"),
        ),
    )
    op.create_index("ix_rating_figures_org_path_id", "rating_figures", ["org_path", "id"], unique=False)
    op.create_index("ix_rating_figures_staff_key", "rating_figures", ["staff_key"], unique=False)
    op.create_table(
        "rating_groups",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True),
        sa.Column("rated", postgresql.JSONB(), nullable=False),
        sa.Column("raters", postgresql.JSONB(), nullable=False),
        sa.Column("invited_count", sa.BigInteger(), nullable=False),
        sa.Column("ticket_count", sa.BigInteger(), nullable=False),
        sa.Column("response_count", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "audience in ('group','peers','students','guardians')", name=op.f("ck_rating_groups_audience")
        ),
        sa.CheckConstraint("invited_count > 0 and response_count >= 0", name=op.f("ck_rating_groups_counts")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rating_rounds.id"], name=op.f("fk_rating_groups_round_id_rating_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_groups")),
        sa.UniqueConstraint("round_id", "org_path", "code", name=op.f("uq_rating_groups_round_id_org_path_code")),
    )
    op.create_index("ix_rating_groups_org_path_id", "rating_groups", ["org_path", "id"], unique=False)
    op.create_table(
        "rating_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("sheet", sa.Uuid(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["rating_groups.id"], name=op.f("fk_rating_answers_group_id_rating_groups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_answers")),
    )
    op.create_index("ix_rating_answers_group_id", "rating_answers", ["group_id"], unique=False)
    op.create_table(
        "rating_tickets",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("holder_key", sa.String(collation="C"), nullable=True),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["rating_groups.id"], name=op.f("fk_rating_tickets_group_id_rating_groups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_tickets")),
        sa.UniqueConstraint("group_id", "holder_key", name=op.f("uq_rating_tickets_group_id_holder_key")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_rating_tickets_secret_sha256")),
    )
    protect_rows(op, "rating_questionnaires", "rating_rounds", shared_downward=True)
    protect_rows(op, "rating_groups", "rating_tickets", "rating_answers", "rating_closings", "rating_figures")
    keep_rows_final(op, "rating_questionnaires", "rating_closings", "rating_figures")
