"""Spot checks of certified records, and the records that were drawn."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0010"
down_revision = "0009"

_CODE = sa.String(collation="C")
_MOMENT = sa.DateTime(timezone=True)


def _kept() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", _CODE, nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "record_checks",
        sa.Column("code", _CODE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("design", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frame_sha256", _CODE, nullable=False),
        sa.Column("frame_hash", _CODE, nullable=False),
        sa.Column("record_count", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("drawn_at", _MOMENT, nullable=True),
        *_kept(),
        sa.CheckConstraint("state in ('frame_closed','drawn')", name=op.f("ck_record_checks_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_checks")),
        sa.UniqueConstraint("org_path", "code", name=op.f("uq_record_checks_org_path_code")),
    )
    op.create_table(
        "checked_records",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", _CODE, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("judged_at", _MOMENT, nullable=True),
        *_kept(),
        sa.CheckConstraint("outcome in ('upheld','overturned')", name=op.f("ck_checked_records_outcome")),
        sa.ForeignKeyConstraint(
            ["check_id"], ["record_checks.id"], name=op.f("fk_checked_records_check_id_record_checks")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["teacher_records.id"], name=op.f("fk_checked_records_record_id_teacher_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checked_records")),
        sa.UniqueConstraint("check_id", "record_id", name=op.f("uq_checked_records_check_id_record_id")),
    )
    protect_rows(op, "record_checks", "checked_records")
