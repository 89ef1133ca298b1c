"""Cases of conduct, their thread, appeals against decisions, and files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows
from shared.kits.appeals.schema import create_appeals_v1
from shared.kits.evidence.schema import create_evidence_v1

revision = "0015"
down_revision = "0014"

_STATES = "'reported','under_investigation','hearing','heard','proposed','decided','in_effect','expired','lifted','not_confirmed'"
_FINAL = """
create function conduct_entries_are_final() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and exists (
        select from conduct_cases c where c.id = old.case_id and c.erased_at is not null
    ) then
        return old;
    end if;
    raise exception 'what was done in a case is never changed; it is erased with the case';
end $$
"""


def upgrade() -> None:
    _create_cases()
    op.create_table(
        "conduct_entries",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["conduct_cases.id"], name=op.f("fk_conduct_entries_case_id_conduct_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_entries")),
    )
    op.create_index("ix_conduct_entries_case_id_id", "conduct_entries", ["case_id", "id"])
    protect_rows(op, "conduct_cases", "conduct_entries")
    op.execute(_FINAL)
    op.execute(
        "create trigger conduct_entries_are_final before update or delete on conduct_entries "
        "for each row execute function conduct_entries_are_final()"
    )
    create_evidence_v1(op, "conduct_evidence")
    create_appeals_v1(op, "conduct_appeals", "conduct_appeal_messages")


def _create_cases() -> None:
    code, json = sa.String(collation="C"), postgresql.JSONB(astext_type=sa.Text())
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "conduct_cases",
        sa.Column("staff_key", code, nullable=False),
        sa.Column("school_code", code, nullable=False),
        sa.Column("levels", json, nullable=False),
        sa.Column("rules", json, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("notified_at", moment, nullable=True),
        sa.Column("hearing_on", sa.Date(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("stated_at", moment, nullable=True),
        sa.Column("heard_at", moment, nullable=True),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("suspension_ended_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("decided_level", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("imposed", json, nullable=False),
        sa.Column("review_until", moment, nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("effects", json, nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("erased_at", moment, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", code, nullable=False),
        sa.CheckConstraint(f"state in ({_STATES})", name=op.f("ck_conduct_cases_state")),
        sa.CheckConstraint(
            "origin in ('complaint','inspection','school','authority','self')", name=op.f("ck_conduct_cases_origin")
        ),
        sa.CheckConstraint(
            "state not in ('decided','in_effect','expired','lifted') or "
            "(document_number is not null and decided_on is not null and served_on is not null "
            "and review_until is not null)",
            name=op.f("ck_conduct_cases_decided"),
        ),
        sa.CheckConstraint(
            "state not in ('in_effect','expired','lifted') or effective_on is not null",
            name=op.f("ck_conduct_cases_effective"),
        ),
        sa.CheckConstraint(
            "(state in ('expired','lifted','not_confirmed')) = (ended_on is not null)",
            name=op.f("ck_conduct_cases_ended"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_cases")),
    )
    op.create_index("ix_conduct_cases_org_path_id", "conduct_cases", ["org_path", "id"])
    op.create_index("ix_conduct_cases_staff_key", "conduct_cases", ["staff_key"])
    op.create_index("ix_conduct_cases_state", "conduct_cases", ["state"])
