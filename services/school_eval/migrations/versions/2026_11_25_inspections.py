"""Inspection of the two routines: checklists, inspectors, visit plans, visits, ratings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0006"
down_revision = "0005"


# What the draw said of a school stays; whether it is visited may change.
_PLANNED_SCHOOLS = """
create function planned_school_is_final() returns trigger language plpgsql as $$
declare
    changeable constant text[] := array[
        'role', 'is_double_rated', 'replaced_by', 'replaced_reason', 'replaced_at', 'version', 'updated_at'];
begin
    if tg_op = 'DELETE' or (to_jsonb(new) - changeable) <> (to_jsonb(old) - changeable) then
        raise exception 'a draw is final';
    end if;
    return new;
end $$;
create trigger planned_schools_are_final before update or delete on planned_schools
    for each row execute function planned_school_is_final()
"""
# An outcome is never changed, and nothing of a visit that is over.
_VISITS = """
create function visit_is_final() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.state in ('signed', 'closed_unsigned', 'cancelled')
        or (old.outcome is not null and new.outcome is distinct from old.outcome) then
        raise exception 'a visit that is over is final';
    end if;
    return new;
end $$;
create trigger visits_are_final before update or delete on visits
    for each row execute function visit_is_final()
"""
# Ratings that were handed in are final, whoever asks.
_RATINGS = """
create function visit_rating_is_final() returns trigger language plpgsql as $$
declare
    rater uuid := case when tg_op = 'DELETE' then old.rater_id else new.rater_id end;
begin
    if exists (select from visit_raters r where r.id = rater and r.submitted_at is not null) then
        raise exception 'ratings that were handed in are final';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger visit_ratings_are_final before insert or update or delete on visit_ratings
    for each row execute function visit_rating_is_final()
"""


def upgrade() -> None:
    op.create_table(
        "checklists",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_number", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklists")),
        sa.UniqueConstraint("code", name=op.f("uq_checklists_code")),
    )
    op.create_table(
        "inspectors",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("staff_code", sa.String(collation="C"), nullable=False),
        sa.Column("own_schools", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspectors")),
        sa.UniqueConstraint("org_path", "account", name=op.f("uq_inspectors_org_path_account")),
    )
    op.create_table(
        "registered_schools",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=False),
        sa.Column("is_city_run", sa.Boolean(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("school_code", name=op.f("pk_registered_schools")),
    )
    op.create_index(op.f("ix_registered_schools_county_code"), "registered_schools", ["county_code"], unique=False)
    op.create_table(
        "visit_plans",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("design", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("checklists", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frame_sha256", sa.String(collation="C"), nullable=True),
        sa.Column("frame_hash", sa.String(collation="C"), nullable=True),
        sa.Column("school_count", sa.BigInteger(), nullable=True),
        sa.Column("frame_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frame_closed_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state = 'designed' or frame_hash is not null", name=op.f("ck_visit_plans_frame_before_draw")
        ),
        sa.CheckConstraint("state in ('designed','frame_closed','drawn')", name=op.f("ck_visit_plans_state")),
        sa.CheckConstraint("semester in (1, 2)", name=op.f("ck_visit_plans_semester")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_plans")),
        sa.UniqueConstraint("org_path", "code", name=op.f("uq_visit_plans_org_path_code")),
    )
    op.create_table(
        "checklist_versions",
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(collation="C"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"], ["checklists.id"], name=op.f("fk_checklist_versions_checklist_id_checklists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_versions")),
        sa.UniqueConstraint("checklist_id", "number", name=op.f("uq_checklist_versions_checklist_id_number")),
    )
    op.create_table(
        "planned_schools",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_name_zh", sa.Text(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=False),
        sa.Column("is_city_run", sa.Boolean(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reserve_order", sa.BigInteger(), nullable=True),
        sa.Column("is_double_rated", sa.Boolean(), nullable=False),
        sa.Column("replaced_by", sa.String(collation="C"), nullable=True),
        sa.Column("replaced_reason", sa.Text(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "(role = 'replaced') = (replaced_reason is not null)", name=op.f("ck_planned_schools_replaced_with_reason")
        ),
        sa.CheckConstraint("role in ('drawn','replaced','reserve')", name=op.f("ck_planned_schools_role")),
        sa.CheckConstraint(
            "stratum in ('certain','rural','other','excluded')", name=op.f("ck_planned_schools_stratum")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["visit_plans.id"], name=op.f("fk_planned_schools_plan_id_visit_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_schools")),
        sa.UniqueConstraint("plan_id", "school_code", name=op.f("uq_planned_schools_plan_id_school_code")),
    )
    op.create_index("ix_planned_schools_plan_id_role", "planned_schools", ["plan_id", "role"], unique=False)
    op.create_table(
        "visit_draws",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("frame_hash", sa.String(collation="C"), nullable=False),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("double_rated_rate", sa.Text(), nullable=False),
        sa.Column("generator", sa.Text(), nullable=False),
        sa.Column("witnessed_by", sa.Text(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["visit_plans.id"], name=op.f("fk_visit_draws_plan_id_visit_plans")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_visit_draws")),
    )
    op.create_table(
        "visits",
        sa.Column("office_path", sa.String(collation="C"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_name_zh", sa.Text(), nullable=False),
        sa.Column("is_rural", sa.Boolean(), nullable=False),
        sa.Column("is_city_run", sa.Boolean(), nullable=False),
        sa.Column("is_double_rated", sa.Boolean(), nullable=False),
        sa.Column("checklists", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("outcome_sha256", sa.String(collation="C"), nullable=True),
        sa.Column("sign_due_on", sa.Date(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("(state = 'signed') = (signed_at is not null)", name=op.f("ck_visits_signed")),
        sa.CheckConstraint("kind = 'revisit' or plan_id is not null", name=op.f("ck_visits_planned")),
        sa.CheckConstraint("kind in ('planned','revisit')", name=op.f("ck_visits_kind")),
        sa.CheckConstraint(
            "state in ('planned','announced','under_way','rated','signed','closed_unsigned','cancelled')",
            name=op.f("ck_visits_state"),
        ),
        sa.CheckConstraint(
            "state not in ('rated','signed','closed_unsigned') or outcome is not null", name=op.f("ck_visits_outcome")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["visit_plans.id"], name=op.f("fk_visits_plan_id_visit_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_org_path_id", "visits", ["org_path", "id"], unique=False)
    op.create_index("ix_visits_school_code_started_on", "visits", ["school_code", "started_on"], unique=False)
    op.create_index(
        "uq_visits_plan_id_school_code",
        "visits",
        ["plan_id", "school_code"],
        unique=True,
        postgresql_where=sa.text("kind = 'planned' and state <> 'cancelled'"),
    )
    op.create_table(
        "visit_raters",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recused_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_raters_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_raters")),
        sa.UniqueConstraint("visit_id", "account", name=op.f("uq_visit_raters_visit_id_account")),
    )
    op.create_table(
        "visit_ratings",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=False),
        sa.Column("item_key", sa.String(collation="C"), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("is_not_applicable", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("client_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("not is_not_applicable or rating is null", name=op.f("ck_visit_ratings_rating")),
        sa.ForeignKeyConstraint(["rater_id"], ["visit_raters.id"], name=op.f("fk_visit_ratings_rater_id_visit_raters")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_ratings_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_ratings")),
        sa.UniqueConstraint("rater_id", "item_key", name=op.f("uq_visit_ratings_rater_id_item_key")),
    )
    op.create_index("ix_visit_ratings_visit_id", "visit_ratings", ["visit_id"], unique=False)
    protect_rows(op, "checklists", "checklist_versions", shared_downward=True)
    protect_rows(op, "inspectors", "registered_schools", "visit_plans", "visit_draws", "planned_schools")
    protect_rows(op, "visits", "visit_raters", "visit_ratings")
    keep_rows_final(op, "checklist_versions", "visit_draws")
    op.execute(_PLANNED_SCHOOLS)
    op.execute(_VISITS)
    op.execute(_RATINGS)
