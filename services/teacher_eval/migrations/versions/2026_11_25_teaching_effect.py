"""The effect of teaching: computations and what they say of every teacher."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "teaching_effect_runs",
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("origin", postgresql.JSONB(), nullable=False),
        sa.Column("composition", postgresql.JSONB(), nullable=False),
        sa.Column("bands", postgresql.JSONB(), nullable=False),
        sa.Column("teacher_count", sa.BigInteger(), nullable=False),
        sa.Column("effects_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_effect_runs")),
        sa.UniqueConstraint(
            "org_path", "school_year", "number", name=op.f("uq_teaching_effect_runs_org_path_school_year_number")
        ),
    )
    op.create_table(
        "teaching_effects",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("subjects", sa.String(collation="C"), nullable=False),
        sa.Column("classes", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("value_se", sa.Double(), nullable=True),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("se", sa.Double(), nullable=True),
        sa.Column("ci_low", sa.Double(), nullable=True),
        sa.Column("ci_high", sa.Double(), nullable=True),
        sa.Column("reliability", sa.Double(), nullable=True),
        sa.Column("expected", sa.Double(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "label in ('above','as_expected','below','not_classifiable')", name=op.f("ck_teaching_effects_label")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["teaching_effect_runs.id"], name=op.f("fk_teaching_effects_run_id_teaching_effect_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_effects")),
        sa.UniqueConstraint("run_id", "staff_key", name=op.f("uq_teaching_effects_run_id_staff_key")),
    )
    op.create_index("ix_teaching_effects_org_path_id", "teaching_effects", ["org_path", "id"], unique=False)
    op.create_index("ix_teaching_effects_staff_key", "teaching_effects", ["staff_key"], unique=False)
    protect_rows(op, "teaching_effect_runs", shared_downward=True)
    protect_rows(op, "teaching_effects")
    keep_rows_final(op, "teaching_effect_runs", "teaching_effects")
