"""Performance pay: pools, plans, people, runs, the ledger and its appeals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows
from shared.kits.appeals.schema import create_appeals_v1

revision = "0008"
down_revision = "0007"

# What was checked is what the congress votes on, the county files and people are paid by.
_PLANS = """
create function pay_plan_is_final() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.org_path <> old.org_path or new.kind <> old.kind or new.number <> old.number
        or (old.state <> 'drafted' and (new.document <> old.document or new.sha256 <> old.sha256)) then
        raise exception 'a plan that was checked is final';
    end if;
    return new;
end $$;
create trigger pay_plans_are_final before update or delete on pay_plans
    for each row execute function pay_plan_is_final()
"""
# A run says the same for ever; only its life goes on.
_RUNS = """
create function pay_run_is_final() returns trigger language plpgsql as $$
declare
    changeable constant text[] := array['state', 'confirmed_by', 'confirmed_at', 'reason', 'published_at', 'paid_on',
        'payment_reference', 'version', 'updated_at'];
begin
    if tg_op = 'DELETE' or old.state in ('paid', 'dropped')
        or (to_jsonb(new) - changeable) <> (to_jsonb(old) - changeable) then
        raise exception 'a run is final';
    end if;
    return new;
end $$;
create trigger pay_runs_are_final before update or delete on pay_runs
    for each row execute function pay_run_is_final()
"""


def upgrade() -> None:
    op.create_table(
        "pay_plans",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("remarks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("congress", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("filing", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("kind in ('incentive','class_teacher','after_school')", name=op.f("ck_pay_plans_kind")),
        sa.CheckConstraint(
            "state in ('drafted','checked','simulated','passed','filed','in_use','superseded','dropped')",
            name=op.f("ck_pay_plans_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_plans")),
        sa.UniqueConstraint("org_path", "kind", "number", name=op.f("uq_pay_plans_org_path_kind_number")),
    )
    op.create_index(
        "uq_pay_plans_org_path_kind_in_use",
        "pay_plans",
        ["org_path", "kind"],
        unique=True,
        postgresql_where="state = 'in_use'",
    )
    op.create_table(
        "pay_pools",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("first_month", sa.String(collation="C"), nullable=False),
        sa.Column("last_month", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_number", sa.BigInteger(), nullable=False),
        sa.Column("source_pool_id", sa.Uuid(), nullable=True),
        sa.Column("source_code", sa.String(collation="C"), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("kind in ('incentive','class_teacher','after_school')", name=op.f("ck_pay_pools_kind")),
        sa.CheckConstraint("state in ('set','distributed','in_payment','closed')", name=op.f("ck_pay_pools_state")),
        sa.CheckConstraint("amount_fen between 0 and 1000000000000000", name=op.f("ck_pay_pools_amount")),
        sa.CheckConstraint("first_month <= last_month", name=op.f("ck_pay_pools_months")),
        sa.ForeignKeyConstraint(
            ["source_pool_id"], ["pay_pools.id"], name=op.f("fk_pay_pools_source_pool_id_pay_pools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_pools")),
        sa.UniqueConstraint("code", name=op.f("uq_pay_pools_code")),
    )
    op.create_index("ix_pay_pools_org_path_code", "pay_pools", ["org_path", "code"], unique=False)
    op.create_index("ix_pay_pools_source_pool_id", "pay_pools", ["source_pool_id"], unique=False)
    op.create_table(
        "pay_distributions",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("amount_number", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("schools", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("outcomes_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("certificate", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("distributed_by", sa.Text(), nullable=False),
        sa.Column("distributed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pay_pools.id"], name=op.f("fk_pay_distributions_pool_id_pay_pools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_distributions")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_pay_distributions_pool_id_number")),
    )
    op.create_table(
        "pay_members",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("post", sa.String(collation="C"), nullable=True),
        sa.Column("title", sa.String(collation="C"), nullable=True),
        sa.Column("group_code", sa.String(collation="C"), nullable=True),
        sa.Column("months", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("exclusion", sa.Text(), nullable=True),
        sa.Column("exclusion_reason", sa.Text(), nullable=True),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("entitlement_fen", sa.BigInteger(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("origins", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("kind in ('incentive','class_teacher','after_school')", name=op.f("ck_pay_members_kind")),
        sa.CheckConstraint("staff_key ~ '^[a-z2-7]{26}$'", name=op.f("ck_pay_members_staff_key")),
        sa.CheckConstraint(
            "(exclusion is null) or (exclusion_reason is not null)", name=op.f("ck_pay_members_exclusion_reason")
        ),
        sa.CheckConstraint("entitlement_fen >= 0", name=op.f("ck_pay_members_entitlement")),
        sa.ForeignKeyConstraint(["pool_id"], ["pay_pools.id"], name=op.f("fk_pay_members_pool_id_pay_pools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_members")),
        sa.UniqueConstraint("pool_id", "staff_key", name=op.f("uq_pay_members_pool_id_staff_key")),
    )
    op.create_index("ix_pay_members_org_path", "pay_members", ["org_path"], unique=False)
    op.create_index("ix_pay_members_staff_key_kind", "pay_members", ["staff_key", "kind"], unique=False)
    op.create_table(
        "pay_plan_steps",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_account", sa.Text(), nullable=False),
        sa.Column("by_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["pay_plans.id"], name=op.f("fk_pay_plan_steps_plan_id_pay_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_plan_steps")),
    )
    op.create_index("ix_pay_plan_steps_plan_id_at", "pay_plan_steps", ["plan_id", "at"], unique=False)
    op.create_table(
        "pay_pool_amounts",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("distribution_id", sa.Uuid(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("amount_fen between 0 and 1000000000000000", name=op.f("ck_pay_pool_amounts_amount")),
        sa.ForeignKeyConstraint(["pool_id"], ["pay_pools.id"], name=op.f("fk_pay_pool_amounts_pool_id_pay_pools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_pool_amounts")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_pay_pool_amounts_pool_id_number")),
    )
    op.create_table(
        "pay_runs",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("pool_code", sa.String(collation="C"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_number", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("kept_fen", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("plan_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("inputs_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("outcomes_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("certificate_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payment_reference", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('computed','confirmed','published','paid','dropped')", name=op.f("ck_pay_runs_state")
        ),
        sa.CheckConstraint("paid_fen + kept_fen = amount_fen", name=op.f("ck_pay_runs_whole")),
        sa.ForeignKeyConstraint(["plan_id"], ["pay_plans.id"], name=op.f("fk_pay_runs_plan_id_pay_plans")),
        sa.ForeignKeyConstraint(["pool_id"], ["pay_pools.id"], name=op.f("fk_pay_runs_pool_id_pay_pools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_runs")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_pay_runs_pool_id_number")),
    )
    op.create_index("ix_pay_runs_org_path_id", "pay_runs", ["org_path", "id"], unique=False)
    op.create_index(
        "uq_pay_runs_pool_id_chosen",
        "pay_runs",
        ["pool_id"],
        unique=True,
        postgresql_where="state in ('confirmed','paid','published')",
    )
    op.create_table(
        "pay_scenarios",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("pool_code", sa.String(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pay_pools.id"], name=op.f("fk_pay_scenarios_pool_id_pay_pools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_scenarios")),
    )
    op.create_index("ix_pay_scenarios_org_path_id", "pay_scenarios", ["org_path", "id"], unique=False)
    op.create_table(
        "pay_entries",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(account = 'person') = (staff_key is not null)", name=op.f("ck_pay_entries_whose")),
        sa.CheckConstraint("account in ('person','next_pool')", name=op.f("ck_pay_entries_account")),
        sa.CheckConstraint("kind in ('incentive','class_teacher','after_school')", name=op.f("ck_pay_entries_kind")),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_pay_entries_amount")),
        sa.ForeignKeyConstraint(["run_id"], ["pay_runs.id"], name=op.f("fk_pay_entries_run_id_pay_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_entries")),
    )
    op.create_index("ix_pay_entries_booking_id", "pay_entries", ["booking_id"], unique=False)
    op.create_index(
        "ix_pay_entries_org_path_kind_staff_key", "pay_entries", ["org_path", "kind", "staff_key"], unique=False
    )
    op.create_index("ix_pay_entries_run_id", "pay_entries", ["run_id"], unique=False)
    # ### end Alembic commands ###
    create_appeals_v1(op, "pay_appeals", "pay_appeal_messages")
    protect_rows(op, "pay_pools", "pay_pool_amounts", "pay_distributions", "pay_plans", "pay_plan_steps")
    protect_rows(op, "pay_members", "pay_runs", "pay_scenarios", "pay_entries")
    keep_rows_final(op, "pay_pool_amounts", "pay_distributions", "pay_plan_steps", "pay_entries")
    op.execute(_PLANS)
    op.execute(_RUNS)
