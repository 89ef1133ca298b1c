"""Annual evaluations: cycles, schools, members, what is said on values, disputes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "cycles",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scheme_code", sa.String(collation="C"), nullable=False),
        sa.Column("scheme_document", sa.Text(), nullable=False),
        sa.Column("scheme_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("filled", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('draft','opened','archived')", name=op.f("ck_cycles_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycles")),
        sa.UniqueConstraint("code", name=op.f("uq_cycles_code")),
    )
    op.create_index("ix_cycles_org_path_code", "cycles", ["org_path", "code"], unique=False)
    op.create_table(
        "school_cycles",
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("accepted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("publicity_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('draft','opened','self_evaluation','democratic_appraisal','comprehensive_assessment','in_publicity','confirmed','filed','archived')",
            name=op.f("ck_school_cycles_state"),
        ),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_school_cycles_cycle_id_cycles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_cycles")),
    )
    op.create_index("ix_school_cycles_cycle_id_org_path", "school_cycles", ["cycle_id", "org_path"], unique=False)
    op.create_index("uq_school_cycles_cycle_id_school_code", "school_cycles", ["cycle_id", "school_code"], unique=True)
    op.create_table(
        "cycle_members",
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("school_cycle_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.String(collation="C"), nullable=True),
        sa.Column("professional_title", sa.String(collation="C"), nullable=True),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("ungraded", sa.Text(), nullable=True),
        sa.Column("change_reason", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("done", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("figures_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("staff_key ~ '^[a-z2-7]{26}$'", name=op.f("ck_cycle_members_staff_key")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_cycle_members_cycle_id_cycles")),
        sa.ForeignKeyConstraint(
            ["school_cycle_id"], ["school_cycles.id"], name=op.f("fk_cycle_members_school_cycle_id_school_cycles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_members")),
    )
    op.create_index(
        "ix_cycle_members_school_cycle_id_staff_key", "cycle_members", ["school_cycle_id", "staff_key"], unique=False
    )
    op.create_index("uq_cycle_members_cycle_id_staff_key", "cycle_members", ["cycle_id", "staff_key"], unique=True)
    op.create_table(
        "evaluation_entries",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.String(collation="C"), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ballots", sa.BigInteger(), nullable=True),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("action in ('entered','confirmed','changed')", name=op.f("ck_evaluation_entries_action")),
        sa.CheckConstraint(
            "judge in ('self','appraisers','school','county','dispute','ruling')",
            name=op.f("ck_evaluation_entries_judge"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["cycle_members.id"], name=op.f("fk_evaluation_entries_member_id_cycle_members")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_evaluation_entries")),
    )
    op.create_index(
        "ix_evaluation_entries_member_id_leaf_seq", "evaluation_entries", ["member_id", "leaf", "seq"], unique=False
    )
    op.create_table(
        "figure_disputes",
        sa.Column("school_cycle_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("leaf", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shown_value", sa.Text(), nullable=True),
        sa.Column("claimed_value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_value", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(state = 'raised') = (ended_at is null)", name=op.f("ck_figure_disputes_ended")),
        sa.CheckConstraint(
            "state in ('raised','accepted','refused','withdrawn')", name=op.f("ck_figure_disputes_state")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["cycle_members.id"], name=op.f("fk_figure_disputes_member_id_cycle_members")
        ),
        sa.ForeignKeyConstraint(
            ["school_cycle_id"], ["school_cycles.id"], name=op.f("fk_figure_disputes_school_cycle_id_school_cycles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_disputes")),
    )
    op.create_index("ix_figure_disputes_school_cycle_id_id", "figure_disputes", ["school_cycle_id", "id"], unique=False)
    op.create_index(
        "uq_figure_disputes_open",
        "figure_disputes",
        ["member_id", "leaf"],
        unique=True,
        postgresql_where="state = 'raised'",
    )
    protect_rows(op, "cycles", shared_downward=True)
    protect_rows(op, "school_cycles", "cycle_members", "evaluation_entries", "figure_disputes")
    keep_rows_final(op, "evaluation_entries")
