"""Archives of pupils: terms of classes, chains of entries, sealed packages; notices, doubts and evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows
from shared.kits.appeals.schema import create_appeals_v1
from shared.kits.evidence.schema import create_evidence_v1
from shared.kits.publicity.schema import create_notices_v1

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "archive_terms",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("semester", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("school_name", sa.Text(), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unsigned_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "state in ('recording','selecting','in_publicity','verified')", name=op.f("ck_archive_terms_state")
        ),
        sa.CheckConstraint("semester in (1, 2)", name=op.f("ck_archive_terms_semester")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_terms")),
        sa.UniqueConstraint(
            "school_code",
            "class_code",
            "school_year",
            "semester",
            name=op.f("uq_archive_terms_school_code_class_code_school_year_semester"),
        ),
    )
    op.create_table(
        "archive_entries",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("term", sa.String(collation="C"), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("sha256", sa.String(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_entries")),
        sa.UniqueConstraint("student_key", "number", name=op.f("uq_archive_entries_student_key_number")),
    )
    op.create_table(
        "sealed_archives",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("version_number", sa.BigInteger(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("package_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("sealed_by", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_archives")),
        sa.UniqueConstraint(
            "student_key", "version_number", name=op.f("uq_sealed_archives_student_key_version_number")
        ),
    )
    op.create_table(
        "archive_keepers",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_keepers")),
        sa.UniqueConstraint("student_key", name=op.f("uq_archive_keepers_student_key")),
    )
    op.create_index("ix_archive_terms_org_path_id", "archive_terms", ["org_path", "id"], unique=False)
    op.create_index("ix_archive_entries_org_path_term", "archive_entries", ["org_path", "term"], unique=False)
    protect_rows(op, "archive_terms", "archive_entries", "sealed_archives", "archive_keepers")
    keep_rows_final(op, "archive_entries", "sealed_archives")
    create_notices_v1(op, "archive_notices")
    create_appeals_v1(op, "archive_doubts", "archive_doubt_messages")
    create_evidence_v1(op)
