"""Schemes of pupils, terms of compulsory classes, and what is said of their pupils."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows
from shared.kits.schemes.schema import create_schemes_v1

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_schemes_v1(op)
    op.create_table(
        "development_terms",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("teachers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scheme_version_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(collation="C"), nullable=False),
        sa.Column("scheme_number", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("semester in (1, 2)", name=op.f("ck_development_terms_semester")),
        sa.CheckConstraint("state in ('recording','judging','reported')", name=op.f("ck_development_terms_state")),
        sa.ForeignKeyConstraint(
            ["scheme_version_id"],
            ["scheme_versions.id"],
            name=op.f("fk_development_terms_scheme_version_id_scheme_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_terms")),
        sa.UniqueConstraint(
            "school_code",
            "class_code",
            "school_year",
            "semester",
            name=op.f("uq_development_terms_school_code_class_code_school_year_semester"),
        ),
    )
    op.create_index("ix_development_terms_org_path_id", "development_terms", ["org_path", "id"], unique=False)
    op.create_table(
        "development_words",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("leaf", sa.String(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("source in ('class_teacher','self','guardians')", name=op.f("ck_development_words_source")),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_development_words_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_development_words")),
    )
    op.create_index(
        "ix_development_words_term_id_student_key",
        "development_words",
        ["term_id", "student_key", "leaf", "source", "seq"],
        unique=False,
    )
    op.create_table(
        "development_peer_groups",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_development_peer_groups_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_peer_groups")),
        sa.UniqueConstraint("term_id", "code", name=op.f("uq_development_peer_groups_term_id_code")),
    )
    op.create_table(
        "development_peer_sheets",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("rater_key", sa.String(collation="C"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["development_peer_groups.id"],
            name=op.f("fk_development_peer_sheets_group_id_development_peer_groups"),
        ),
        sa.PrimaryKeyConstraint("group_id", "rater_key", name=op.f("pk_development_peer_sheets")),
    )
    op.create_table(
        "development_peer_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("leaf", sa.String(collation="C"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_development_peer_words_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_peer_words")),
    )
    op.create_index(
        "ix_development_peer_words_term_id", "development_peer_words", ["term_id", "student_key", "leaf"], unique=False
    )
    op.create_table(
        "development_comments",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["term_id"], ["development_terms.id"], name=op.f("fk_development_comments_term_id_development_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_comments")),
        sa.UniqueConstraint("term_id", "student_key", name=op.f("uq_development_comments_term_id_student_key")),
    )
    protect_rows(
        op,
        "development_terms",
        "development_words",
        "development_peer_groups",
        "development_peer_sheets",
        "development_peer_words",
        "development_comments",
    )
    keep_rows_final(op, "development_words", "development_peer_words")
