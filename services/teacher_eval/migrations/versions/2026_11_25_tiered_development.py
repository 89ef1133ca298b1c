"""Tiered development: the register of staff, ladders, rounds of recognition and titles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows
from shared.kits.publicity.schema import create_notices_v1

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "ladders",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("kept_at_level", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladders")),
        sa.UniqueConstraint("code", name=op.f("uq_ladders_code")),
    )
    op.create_table(
        "registered_staff",
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_name_zh", sa.Text(), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("stages", sa.String(collation="C"), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=True),
        sa.Column("post", sa.String(collation="C"), nullable=True),
        sa.Column("birth_year", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("staff_key", name=op.f("pk_registered_staff")),
    )
    op.create_index(
        "ix_registered_staff_org_path_staff_key", "registered_staff", ["org_path", "staff_key"], unique=False
    )
    op.create_table(
        "staff_counts",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("stages", sa.String(collation="C"), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("school_code", name=op.f("pk_staff_counts")),
    )
    op.create_table(
        "title_rounds",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("ladder", sa.String(collation="C"), nullable=False),
        sa.Column("ladder_number", sa.BigInteger(), nullable=False),
        sa.Column("rung", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nominations_end_on", sa.Date(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rung_content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('open','in_publicity','closed')", name=op.f("ck_title_rounds_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_rounds")),
        sa.UniqueConstraint("code", name=op.f("uq_title_rounds_code")),
    )
    op.create_table(
        "ladder_versions",
        sa.Column("ladder_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["ladder_id"], ["ladders.id"], name=op.f("fk_ladder_versions_ladder_id_ladders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_versions")),
        sa.UniqueConstraint("ladder_id", "number", name=op.f("uq_ladder_versions_ladder_id_number")),
    )
    op.create_table(
        "titles",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("ladder", sa.String(collation="C"), nullable=False),
        sa.Column("rung", sa.String(collation="C"), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("stages", sa.String(collation="C"), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=True),
        sa.Column("subject", sa.String(collation="C"), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nominated_on", sa.Date(), nullable=False),
        sa.Column("recognized_on", sa.Date(), nullable=True),
        sa.Column("term_begins_on", sa.Date(), nullable=True),
        sa.Column("term_ends_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("stated", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("waivers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "end_reason in ('expired','conduct','follow_up_failed','resigned','revoked')",
            name=op.f("ck_titles_end_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'ended' or (ended_on is not null and end_reason is not null)", name=op.f("ck_titles_ended")
        ),
        sa.CheckConstraint(
            "state <> 'recognized' or (recognized_on is not null and ended_on is null)",
            name=op.f("ck_titles_recognized"),
        ),
        sa.CheckConstraint(
            "state in ('nominated','returned','reviewed','in_publicity','recognized','refused','withdrawn','ended')",
            name=op.f("ck_titles_state"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["title_rounds.id"], name=op.f("fk_titles_round_id_title_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_titles")),
        sa.UniqueConstraint("round_id", "staff_key", name=op.f("uq_titles_round_id_staff_key")),
    )
    op.create_index("ix_titles_ladder_rung_state", "titles", ["ladder", "rung", "state"], unique=False)
    op.create_index("ix_titles_org_path_id", "titles", ["org_path", "id"], unique=False)
    op.create_index("ix_titles_staff_key", "titles", ["staff_key"], unique=False)
    op.create_index(
        "uq_titles_standing",
        "titles",
        ["staff_key", "ladder", "rung"],
        unique=True,
        postgresql_where="state in ('nominated','returned','reviewed','in_publicity','recognized')",
    )
    op.create_table(
        "title_entries",
        sa.Column("title_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name=op.f("fk_title_entries_title_id_titles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_entries")),
    )
    op.create_index("ix_title_entries_title_id_id", "title_entries", ["title_id", "id"], unique=False)
    op.create_table(
        "title_follow_ups",
        sa.Column("title_id", sa.Uuid(), nullable=False),
        sa.Column("evaluated_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("verdict in ('excellent','passed','failed')", name=op.f("ck_title_follow_ups_verdict")),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name=op.f("fk_title_follow_ups_title_id_titles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_follow_ups")),
        sa.UniqueConstraint("title_id", "evaluated_on", name=op.f("uq_title_follow_ups_title_id_evaluated_on")),
    )
    create_notices_v1(op, "title_notices")
    protect_rows(op, "registered_staff", "staff_counts", "titles", "title_entries", "title_follow_ups")
    protect_rows(op, "ladders", "ladder_versions", "title_rounds", shared_downward=True)
    keep_rows_final(op, "ladder_versions", "title_entries", "title_follow_ups")
