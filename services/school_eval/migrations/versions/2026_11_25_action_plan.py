"""The plan itself: action plans, milestones, targets, cultivation, partnerships, teaching research staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "action_plans",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_action_plans_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_plans")),
        sa.UniqueConstraint("code", name=op.f("uq_action_plans_code")),
    )
    op.create_table(
        "cultivation_programs",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cultivation_programs")),
        sa.UniqueConstraint("code", name=op.f("uq_cultivation_programs_code")),
    )
    op.create_table(
        "partnerships",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("partner_name", sa.Text(), nullable=False),
        sa.Column("partner_region", sa.Text(), nullable=True),
        sa.Column("school_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("aims", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "kind in ('group_support','east_west','city_pairing','teacher_studio','school_group','school_agreement')",
            name=op.f("ck_partnerships_kind"),
        ),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_partnerships_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnerships")),
        sa.UniqueConstraint("org_path", "code", name=op.f("uq_partnerships_org_path_code")),
    )
    op.create_table(
        "research_staff",
        sa.Column("staff_code", sa.String(collation="C"), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("subjects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_full_time", sa.Boolean(), nullable=False),
        sa.Column("linked_schools", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_research_staff")),
        sa.UniqueConstraint("org_path", "staff_code", name=op.f("uq_research_staff_org_path_staff_code")),
    )
    op.create_table(
        "targets",
        sa.Column("plan_code", sa.String(collation="C"), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("base_year", sa.SmallInteger(), nullable=False),
        sa.Column("goal_year", sa.SmallInteger(), nullable=False),
        sa.Column("goal_value", sa.Numeric(), nullable=True),
        sa.Column("annual_gain", sa.Numeric(), nullable=True),
        sa.Column("counts", sa.String(collation="C"), nullable=True),
        sa.Column("is_observed_only", sa.Boolean(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(goal_value is null) <> (annual_gain is null)", name=op.f("ck_targets_one_goal")),
        sa.CheckConstraint("base_year < goal_year", name=op.f("ck_targets_years")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("plan_code", "code", name=op.f("uq_targets_plan_code_code")),
    )
    op.create_table(
        "cultivation_candidates",
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_name_zh", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nominated_on", sa.Date(), nullable=False),
        sa.Column("recognized_on", sa.Date(), nullable=True),
        sa.Column("recognized_until", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("assessments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state <> 'recognized' or recognized_on is not null", name=op.f("ck_cultivation_candidates_recognized_on")
        ),
        sa.CheckConstraint(
            "state in ('nominated','cultivated','applied','returned','recognized','withdrawn','revoked')",
            name=op.f("ck_cultivation_candidates_state"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["cultivation_programs.id"],
            name=op.f("fk_cultivation_candidates_program_id_cultivation_programs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cultivation_candidates")),
        sa.UniqueConstraint("program_id", "school_code", name=op.f("uq_cultivation_candidates_program_id_school_code")),
    )
    op.create_index("ix_cultivation_candidates_org_path_id", "cultivation_candidates", ["org_path", "id"], unique=False)
    op.create_table(
        "heard_lessons",
        sa.Column("research_staff_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("heard_on", sa.Date(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("links", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("grade_level between 1 and 12", name=op.f("ck_heard_lessons_grade_level")),
        sa.CheckConstraint("period between 1 and 12", name=op.f("ck_heard_lessons_period")),
        sa.ForeignKeyConstraint(
            ["research_staff_id"], ["research_staff.id"], name=op.f("fk_heard_lessons_research_staff_id_research_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_lessons")),
        sa.UniqueConstraint("research_staff_id", "code", name=op.f("uq_heard_lessons_research_staff_id_code")),
        sa.UniqueConstraint(
            "research_staff_id", "heard_on", "period", name=op.f("uq_heard_lessons_research_staff_id_heard_on_period")
        ),
    )
    op.create_index("ix_heard_lessons_org_path_heard_on", "heard_lessons", ["org_path", "heard_on"], unique=False)
    op.create_table(
        "milestones",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("measure", sa.String(collation="C"), nullable=False),
        sa.Column("task", sa.String(collation="C"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("responsible_office", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(state = 'reached') = (reached_on is not null)", name=op.f("ck_milestones_reached_on")),
        sa.CheckConstraint(
            "state in ('planned','reported','returned','reached','cancelled')", name=op.f("ck_milestones_state")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["action_plans.id"], name=op.f("fk_milestones_plan_id_action_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("plan_id", "org_path", "code", name=op.f("uq_milestones_plan_id_org_path_code")),
    )
    op.create_index("ix_milestones_org_path_id", "milestones", ["org_path", "id"], unique=False)
    op.create_index("ix_milestones_plan_id_due_on", "milestones", ["plan_id", "due_on"], unique=False)
    op.create_table(
        "partnership_activities",
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("participant_count", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.Numeric(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "kind in ('training_sent','training_invited','teacher_exchange','student_exchange','joint_research','open_lesson','resource_sharing')",
            name=op.f("ck_partnership_activities_kind"),
        ),
        sa.CheckConstraint("participant_count >= 0 and hours >= 0", name=op.f("ck_partnership_activities_amounts")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnerships.id"], name=op.f("fk_partnership_activities_partnership_id_partnerships")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_activities")),
        sa.UniqueConstraint("partnership_id", "code", name=op.f("uq_partnership_activities_partnership_id_code")),
    )
    op.create_index(
        "ix_partnership_activities_org_path_held_on", "partnership_activities", ["org_path", "held_on"], unique=False
    )
    op.create_table(
        "target_observations",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_target_observations_target_id_targets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_observations")),
    )
    op.create_index(
        "uq_target_observations_in_force",
        "target_observations",
        ["target_id", "org_path", "year"],
        unique=True,
        postgresql_where="superseded_at is null",
    )
    op.create_table(
        "cultivation_entries",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("criterion", sa.String(collation="C"), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["cultivation_candidates.id"],
            name=op.f("fk_cultivation_entries_candidate_id_cultivation_candidates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cultivation_entries")),
    )
    op.create_index(
        "ix_cultivation_entries_candidate_id_id", "cultivation_entries", ["candidate_id", "id"], unique=False
    )
    op.create_table(
        "milestone_entries",
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_org", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name=op.f("fk_milestone_entries_milestone_id_milestones")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_entries")),
    )
    op.create_index("ix_milestone_entries_milestone_id_id", "milestone_entries", ["milestone_id", "id"], unique=False)
    protect_rows(op, "action_plans", "targets", "cultivation_programs", shared_downward=True)
    protect_rows(
        op,
        "milestones",
        "milestone_entries",
        "target_observations",
        "cultivation_candidates",
        "cultivation_entries",
        "partnerships",
        "partnership_activities",
        "research_staff",
        "heard_lessons",
    )
    keep_rows_final(op, "milestone_entries", "cultivation_entries")
