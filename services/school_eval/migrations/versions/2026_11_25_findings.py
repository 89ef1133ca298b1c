"""Findings of inspections with their threads."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("office_path", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_name_zh", sa.Text(), nullable=False),
        sa.Column("item_key", sa.String(collation="C"), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner_level", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("is_due_provisional", sa.Boolean(), nullable=False),
        sa.Column("repeats_id", sa.Uuid(), nullable=True),
        sa.Column("repeat_count", sa.SmallInteger(), nullable=False),
        sa.Column("escalation_count", sa.SmallInteger(), nullable=False),
        sa.Column("responsible_post", sa.Text(), nullable=True),
        sa.Column("revisit_id", sa.Uuid(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_on is not null)", name=op.f("ck_findings_closed")),
        sa.CheckConstraint("owner_level in ('city','county')", name=op.f("ck_findings_owner_level")),
        sa.CheckConstraint("severity in ('minor','major','critical')", name=op.f("ck_findings_severity")),
        sa.CheckConstraint(
            "state in ('raised','planned','reported','returned','escalated','closed','withdrawn')",
            name=op.f("ck_findings_state"),
        ),
        sa.ForeignKeyConstraint(["repeats_id"], ["findings.id"], name=op.f("fk_findings_repeats_id_findings")),
        sa.ForeignKeyConstraint(["revisit_id"], ["visits.id"], name=op.f("fk_findings_revisit_id_visits")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_findings_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(
        "ix_findings_due",
        "findings",
        ["due_on"],
        unique=False,
        postgresql_where="state in ('raised','planned','reported','returned','escalated')",
    )
    op.create_index("ix_findings_org_path_id", "findings", ["org_path", "id"], unique=False)
    op.create_index("ix_findings_school_code_item_key", "findings", ["school_code", "item_key"], unique=False)
    op.create_table(
        "finding_entries",
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_entries_finding_id_findings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_entries")),
    )
    op.create_index("ix_finding_entries_finding_id_id", "finding_entries", ["finding_id", "id"], unique=False)
    protect_rows(op, "findings", "finding_entries")
    keep_rows_final(op, "finding_entries")
