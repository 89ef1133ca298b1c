"""Questionnaires, survey rounds, schools in them, tickets and answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "questionnaires",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaires")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_questionnaires_code_number")),
    )
    op.create_table(
        "survey_rounds",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("from_grade", sa.SmallInteger(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("min_n", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("audience in ('students','guardians','teachers')", name=op.f("ck_survey_rounds_audience")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_survey_rounds_window")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaires.id"], name=op.f("fk_survey_rounds_questionnaire_id_questionnaires")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_rounds")),
        sa.UniqueConstraint("code", name=op.f("uq_survey_rounds_code")),
    )
    op.create_table(
        "surveyed_schools",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("invited_count", sa.BigInteger(), nullable=False),
        sa.Column("response_limit", sa.BigInteger(), nullable=False),
        sa.Column("response_count", sa.BigInteger(), nullable=False),
        sa.Column("link_sha256", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("response_count <= response_limit", name=op.f("ck_surveyed_schools_limit")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_rounds.id"], name=op.f("fk_surveyed_schools_round_id_survey_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyed_schools")),
        sa.UniqueConstraint("link_sha256", name=op.f("uq_surveyed_schools_link_sha256")),
        sa.UniqueConstraint("round_id", "school_code", name=op.f("uq_surveyed_schools_round_id_school_code")),
    )
    op.create_index("ix_surveyed_schools_org_path_id", "surveyed_schools", ["org_path", "id"], unique=False)
    op.create_table(
        "survey_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("surveyed_school_id", sa.Uuid(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["surveyed_school_id"],
            ["surveyed_schools.id"],
            name=op.f("fk_survey_answers_surveyed_school_id_surveyed_schools"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
    )
    op.create_index("ix_survey_answers_surveyed_school_id", "survey_answers", ["surveyed_school_id"], unique=False)
    op.create_table(
        "survey_tickets",
        sa.Column("surveyed_school_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["surveyed_school_id"],
            ["surveyed_schools.id"],
            name=op.f("fk_survey_tickets_surveyed_school_id_surveyed_schools"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_tickets")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_survey_tickets_secret_sha256")),
    )
    protect_rows(op, "questionnaires", "survey_rounds", shared_downward=True)
    protect_rows(op, "surveyed_schools", "survey_tickets", "survey_answers")
    keep_rows_final(op, "questionnaires", "survey_answers")
