"""Schemes in versions, campaigns, schools' evaluations with their values and evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows
from shared.kits.evidence.schema import create_evidence_v1

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_evidence_v1(op)
    op.create_table(
        "schemes",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("draft_from", sa.BigInteger(), nullable=True),
        sa.Column("draft_by", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("of in ('school','county','staff','student','city')", name=op.f("ck_schemes_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemes")),
        sa.UniqueConstraint("code", name=op.f("uq_schemes_code")),
    )
    op.create_index("ix_schemes_org_path_code", "schemes", ["org_path", "code"], unique=False)
    op.create_table(
        "scheme_versions",
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(collation="C"), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_scheme_versions_scheme_id_schemes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_versions")),
        sa.UniqueConstraint("scheme_id", "number", name=op.f("uq_scheme_versions_scheme_id_number")),
    )
    op.create_table(
        "campaigns",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("scheme_version_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("units_sha256", sa.Text(), nullable=True),
        sa.Column("prefill", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("draw", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("accepted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('draft','data_checking','self_evaluation','county_review','city_verification','computed','in_publicity','final','published','archived')",
            name=op.f("ck_campaigns_state"),
        ),
        sa.ForeignKeyConstraint(
            ["scheme_version_id"], ["scheme_versions.id"], name=op.f("fk_campaigns_scheme_version_id_scheme_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
    )
    op.create_index("ix_campaigns_org_path_code", "campaigns", ["org_path", "code"], unique=False)
    op.create_table(
        "evaluations",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("is_drawn", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("asked_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("figures_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures_confirmed_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('open','submitted','returned','reviewed','verified')", name=op.f("ck_evaluations_state")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_evaluations_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index("ix_evaluations_campaign_id_org_path", "evaluations", ["campaign_id", "org_path"], unique=False)
    op.create_index(
        "uq_evaluations_campaign_id_school_code", "evaluations", ["campaign_id", "school_code"], unique=True
    )
    op.create_table(
        "delegations",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.String(collation="C"), nullable=False),
        sa.Column("account", sa.String(collation="C"), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_delegations_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(
        "uq_delegations_active",
        "delegations",
        ["evaluation_id", "node", "account"],
        unique=True,
        postgresql_where="ended_at is null",
    )
    op.create_table(
        "disputes",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
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
        sa.CheckConstraint("(state = 'raised') = (ended_at is null)", name=op.f("ck_disputes_ended")),
        sa.CheckConstraint("state in ('raised','accepted','refused','withdrawn')", name=op.f("ck_disputes_state")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_disputes_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_disputes_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index("ix_disputes_campaign_id_org_path", "disputes", ["campaign_id", "org_path"], unique=False)
    op.create_index(
        "uq_disputes_open", "disputes", ["evaluation_id", "leaf"], unique=True, postgresql_where="state = 'raised'"
    )
    op.create_table(
        "leaf_entries",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.String(collation="C"), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "action in ('entered','confirmed','changed','returned')", name=op.f("ck_leaf_entries_action")
        ),
        sa.CheckConstraint(
            "judge in ('school','county','city','dispute','ruling')", name=op.f("ck_leaf_entries_judge")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_leaf_entries_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_leaf_entries")),
    )
    op.create_index(
        "ix_leaf_entries_evaluation_id_leaf_seq", "leaf_entries", ["evaluation_id", "leaf", "seq"], unique=False
    )
    op.create_table(
        "leaf_values",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.String(collation="C"), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("school_value", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("judge in ('school','county','city','dispute','ruling')", name=op.f("ck_leaf_values_judge")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_leaf_values_evaluation_id_evaluations")
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "leaf", name=op.f("pk_leaf_values")),
    )
    protect_rows(op, "schemes", "scheme_versions", "campaigns", shared_downward=True)
    protect_rows(op, "evaluations", "leaf_values", "leaf_entries", "delegations", "disputes")
    keep_rows_final(op, "scheme_versions", "leaf_entries")
