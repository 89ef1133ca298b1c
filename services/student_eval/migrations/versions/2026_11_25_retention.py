"""What is past its time, and orders to keep."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.scope import protect_rows

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("fitness_sheets", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "retention_items",
        sa.Column("kind", sa.String(collation="C"), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=True),
        sa.Column("sha256", sa.String(collation="C"), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_org", sa.String(collation="C"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        *_common(),
        sa.CheckConstraint("state in ('listed','kept','carried_out')", name=op.f("ck_retention_items_state")),
        sa.CheckConstraint("(state = 'kept') = (kept_until is not null)", name=op.f("ck_retention_items_kept_until")),
        sa.CheckConstraint("(state = 'listed') = (decided_at is null)", name=op.f("ck_retention_items_decided")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_items")),
        sa.UniqueConstraint("kind", "object_id", name=op.f("uq_retention_items_kind_object_id")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("student_key", sa.String(collation="C"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_reason", sa.Text(), nullable=True),
        *_common(),
        sa.CheckConstraint(
            "(released_at is null) = (released_reason is null)", name=op.f("ck_legal_holds_released_with_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index("ix_retention_items_org_path_id", "retention_items", ["org_path", "id"])
    op.create_index("ix_retention_items_student_key", "retention_items", ["student_key"])
    op.create_index("ix_legal_holds_org_path_id", "legal_holds", ["org_path", "id"])
    protect_rows(op, "retention_items")
    protect_rows(op, "legal_holds", shared_downward=True)


def _common() -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
    ]
