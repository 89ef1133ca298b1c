"""Targets of rungs."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.scope import protect_rows

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "title_targets",
        sa.Column("ladder", sa.String(collation="C"), nullable=False),
        sa.Column("rung", sa.String(collation="C"), nullable=False),
        sa.Column("goal_year", sa.SmallInteger(), nullable=False),
        sa.Column("goal_count", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("goal_count >= 0", name=op.f("ck_title_targets_goal_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_targets")),
        sa.UniqueConstraint(
            "org_path", "ladder", "rung", "goal_year", name=op.f("uq_title_targets_org_path_ladder_rung_goal_year")
        ),
    )
    protect_rows(op, "title_targets")
