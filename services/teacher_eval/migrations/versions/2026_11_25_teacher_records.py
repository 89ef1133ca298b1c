"""Kinds of records, records of what teachers did, and every state they were in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0007"
down_revision = "0006"

_CODE = sa.String(collation="C")
_JSON = postgresql.JSONB(astext_type=sa.Text())
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "record_catalogs",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("sha256", _CODE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_org", _CODE, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", _CODE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_catalogs")),
        sa.UniqueConstraint("org_path", "number", name=op.f("uq_record_catalogs_org_path_number")),
    )
    _create_records()
    op.create_table(
        "teacher_record_versions",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_org", _CODE, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", _CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["teacher_records.id"], name=op.f("fk_teacher_record_versions_record_id_teacher_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher_record_versions")),
        sa.UniqueConstraint("record_id", "number", name=op.f("uq_teacher_record_versions_record_id_number")),
    )
    protect_rows(op, "record_catalogs", shared_downward=True)
    protect_rows(op, "teacher_records", "teacher_record_versions")
    keep_rows_final(op, "record_catalogs", "teacher_record_versions")


def _create_records() -> None:
    states = "'draft','submitted','returned','certified','refused','withdrawn','revoked'"
    op.create_table(
        "teacher_records",
        sa.Column("staff_key", _CODE, nullable=False),
        sa.Column("school_code", _CODE, nullable=False),
        sa.Column("county_code", _CODE, nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("category", _CODE, nullable=True),
        sa.Column("amount", sa.Numeric(18, 2), nullable=True),
        sa.Column("level", _CODE, nullable=True),
        sa.Column("grade", _CODE, nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("author_rank", sa.SmallInteger(), nullable=True),
        sa.Column("author_count", sa.SmallInteger(), nullable=True),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("achievement", _CODE, nullable=True),
        sa.Column("work", _CODE, nullable=True),
        sa.Column("flags", _JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_system", _CODE, nullable=True),
        sa.Column("source_id", _CODE, nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", _MOMENT, nullable=True),
        sa.Column("certified_at", _MOMENT, nullable=True),
        sa.Column("certified_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", _CODE, nullable=False),
        sa.CheckConstraint(f"state in ({states})", name=op.f("ck_teacher_records_state")),
        sa.CheckConstraint("ends_on is null or ends_on >= happened_on", name=op.f("ck_teacher_records_period")),
        sa.CheckConstraint("author_rank between 1 and author_count", name=op.f("ck_teacher_records_author_rank")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher_records")),
        sa.UniqueConstraint(
            "org_path", "source_system", "source_id", name=op.f("uq_teacher_records_org_path_source_system_source_id")
        ),
    )
    op.create_index("ix_teacher_records_org_path_id", "teacher_records", ["org_path", "id"])
    op.create_index("ix_teacher_records_staff_key_happened_on", "teacher_records", ["staff_key", "happened_on"])
    op.create_index("ix_teacher_records_achievement", "teacher_records", ["achievement"])
    op.create_index("ix_teacher_records_kind_happened_on", "teacher_records", ["kind", "happened_on"])
