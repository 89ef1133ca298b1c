"""Teaching links: windows, schools, links, their steps, and what was frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "link_windows",
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("silent_links", sa.Text(), nullable=False),
        sa.Column("days", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("silent_links in ('stand','drop')", name=op.f("ck_link_windows_silent_links")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_windows")),
        sa.UniqueConstraint("org_path", "school_year", name=op.f("uq_link_windows_org_path_school_year")),
    )
    op.create_table(
        "school_links",
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unverified_years", postgresql.JSONB(), nullable=False),
        sa.Column("source_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("links_sha256", sa.String(collation="C"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (links_sha256 is not null)", name=op.f("ck_school_links_closed")),
        sa.CheckConstraint("state in ('previewed','deciding','decided','closed')", name=op.f("ck_school_links_state")),
        sa.ForeignKeyConstraint(
            ["window_id"], ["link_windows.id"], name=op.f("fk_school_links_window_id_link_windows")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_links")),
        sa.UniqueConstraint("window_id", "org_path", name=op.f("uq_school_links_window_id_org_path")),
    )
    op.create_index("ix_school_links_org_path_id", "school_links", ["org_path", "id"], unique=False)
    op.create_table(
        "teaching_links",
        sa.Column("school_links_id", sa.Uuid(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("previewed", postgresql.JSONB(), nullable=True),
        sa.Column("claimed", postgresql.JSONB(), nullable=True),
        sa.Column("share", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('previewed','confirmed','disputed','decided','silent')", name=op.f("ck_teaching_links_state")
        ),
        sa.CheckConstraint("share >= 0 and share <= 1 and ends_on >= starts_on", name=op.f("ck_teaching_links_extent")),
        sa.ForeignKeyConstraint(
            ["school_links_id"], ["school_links.id"], name=op.f("fk_teaching_links_school_links_id_school_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_links")),
    )
    op.create_index("ix_teaching_links_org_path_id", "teaching_links", ["org_path", "id"], unique=False)
    op.create_index("ix_teaching_links_school_links_id", "teaching_links", ["school_links_id", "id"], unique=False)
    op.create_index("ix_teaching_links_staff_key", "teaching_links", ["staff_key"], unique=False)
    op.create_table(
        "teaching_link_steps",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["teaching_links.id"], name=op.f("fk_teaching_link_steps_link_id_teaching_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_link_steps")),
    )
    op.create_index("ix_teaching_link_steps_link_id", "teaching_link_steps", ["link_id", "id"], unique=False)
    op.create_table(
        "verified_links",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("school_links_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("share", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["teaching_links.id"], name=op.f("fk_verified_links_link_id_teaching_links")
        ),
        sa.ForeignKeyConstraint(
            ["school_links_id"], ["school_links.id"], name=op.f("fk_verified_links_school_links_id_school_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verified_links")),
        sa.UniqueConstraint("link_id", name=op.f("uq_verified_links_link_id")),
    )
    op.create_index(
        "ix_verified_links_org_path_school_year", "verified_links", ["org_path", "school_year"], unique=False
    )
    op.create_index("ix_verified_links_staff_key", "verified_links", ["staff_key"], unique=False)
    protect_rows(op, "link_windows", shared_downward=True)
    protect_rows(op, "school_links", "teaching_links", "teaching_link_steps", "verified_links")
    keep_rows_final(op, "teaching_link_steps", "verified_links")
