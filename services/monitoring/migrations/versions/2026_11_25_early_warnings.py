"""Early warnings, their threads, and the parameters bureaus set for the rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0008"
down_revision = "0007"

_STATES = "'raised','acknowledged','responded','returned','accepted','escalated','closed','withdrawn'"


def upgrade() -> None:
    op.create_table(
        "warnings",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("exam_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("rule_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_name_zh", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("owner_level", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("responded_by", sa.Text(), nullable=True),
        sa.Column("responded_level", sa.Text(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(f"state in ({_STATES})", name=op.f("ck_warnings_state")),
        sa.CheckConstraint(
            "outcome in ('confirmed','explained','false_alarm','data_error')", name=op.f("ck_warnings_outcome")
        ),
        sa.CheckConstraint("(state = 'closed') = (outcome is not null)", name=op.f("ck_warnings_closed_has_outcome")),
        sa.CheckConstraint("owner_level in ('city','county','school')", name=op.f("ck_warnings_owner_level")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_warnings_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warnings")),
        sa.UniqueConstraint(
            "exam_id",
            "rule_code",
            "school_code",
            "subject",
            "detail",
            name=op.f("uq_warnings_exam_id_rule_code_school_code_subject_detail"),
        ),
    )
    op.create_index("ix_warnings_org_path_id", "warnings", ["org_path", "id"], unique=False)
    op.create_index(
        "ix_warnings_due",
        "warnings",
        ["due_on"],
        unique=False,
        postgresql_where="state in ('raised','acknowledged','returned','escalated')",
    )
    op.create_table(
        "warning_messages",
        sa.Column("warning_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["warning_id"], ["warnings.id"], name=op.f("fk_warning_messages_warning_id_warnings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_messages")),
    )
    op.create_index("ix_warning_messages_warning_id_id", "warning_messages", ["warning_id", "id"], unique=False)
    op.create_table(
        "warning_rule_parameters",
        sa.Column("rule_code", sa.String(collation="C"), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_rule_parameters")),
        sa.UniqueConstraint(
            "org_path",
            "rule_code",
            "in_force_from",
            name=op.f("uq_warning_rule_parameters_org_path_rule_code_in_force_from"),
        ),
    )
    protect_rows(op, "warnings", "warning_messages")
    protect_rows(op, "warning_rule_parameters", shared_downward=True)
    # What was said stays said.
    op.execute(
        "create function warning_message_is_final() returns trigger language plpgsql as "
        "$$ begin raise exception 'a message of a warning is never changed'; end $$"
    )
    op.execute(
        "create trigger warning_messages_are_final before update or delete on warning_messages "
        "for each row execute function warning_message_is_final()"
    )
