"""Guardians of pupils."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.scope import protect_rows

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "guardianships",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("guardian_key", sa.String(collation="C"), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("relation in ('parent','other')", name=op.f("ck_guardianships_relation")),
        sa.CheckConstraint("student_key <> guardian_key", name=op.f("ck_guardianships_two_people")),
        sa.CheckConstraint(
            "(ended_on is null) = (ended_reason is null)", name=op.f("ck_guardianships_ended_with_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianships")),
    )
    op.create_index(
        "uq_guardianships_standing",
        "guardianships",
        ["student_key", "guardian_key"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_index("ix_guardianships_guardian_key", "guardianships", ["guardian_key"])
    op.create_index("ix_guardianships_org_path_id", "guardianships", ["org_path", "id"])
    protect_rows(op, "guardianships")
