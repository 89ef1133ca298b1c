"""Audits of archives and their findings; samples, examinations; cancellations of false records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "archive_audits",
        sa.Column("term", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("student_count", sa.BigInteger(), nullable=False),
        sa.Column("record_count", sa.BigInteger(), nullable=False),
        sa.Column("file_count", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_audits")),
        sa.UniqueConstraint("org_path", "term", "number", name=op.f("uq_archive_audits_org_path_term_number")),
    )
    op.create_table(
        "archive_findings",
        sa.Column("term", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(collation="C"), nullable=False),
        sa.Column("records", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("students", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_audit", sa.BigInteger(), nullable=False),
        sa.Column("last_audit", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('open','cleared','referred','lapsed')", name=op.f("ck_archive_findings_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_findings")),
        sa.UniqueConstraint(
            "org_path", "term", "fingerprint", name=op.f("uq_archive_findings_org_path_term_fingerprint")
        ),
    )
    op.create_index("ix_archive_findings_org_path_id", "archive_findings", ["org_path", "id"], unique=False)
    op.create_table(
        "archive_samples",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("term", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("design", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seed_commitment", sa.String(collation="C"), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.Column("frame_sha256", sa.String(collation="C"), nullable=True),
        sa.Column("frame_hash", sa.String(collation="C"), nullable=True),
        sa.Column("schools", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frame_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('announced','frame_closed','drawn')", name=op.f("ck_archive_samples_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_samples")),
        sa.UniqueConstraint("org_path", "code", name=op.f("uq_archive_samples_org_path_code")),
    )
    op.create_table(
        "record_cancellations",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_org", sa.String(collation="C"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("stated_as", sa.Text(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "decided_by <> proposed_by or state <> 'confirmed'", name=op.f("ck_record_cancellations_two_persons")
        ),
        sa.CheckConstraint("state in ('proposed','confirmed','dropped')", name=op.f("ck_record_cancellations_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_cancellations")),
    )
    op.create_index("ix_record_cancellations_org_path_id", "record_cancellations", ["org_path", "id"], unique=False)
    op.create_index("ix_record_cancellations_student_key", "record_cancellations", ["student_key"], unique=False)
    op.create_index(
        "uq_record_cancellations_proposed",
        "record_cancellations",
        ["record_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "sampled_records",
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("term", sa.String(collation="C"), nullable=False),
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("opened", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("outcome in ('confirmed','false','not_proved')", name=op.f("ck_sampled_records_outcome")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["archive_samples.id"], name=op.f("fk_sampled_records_sample_id_archive_samples")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_records")),
        sa.UniqueConstraint("sample_id", "record_id", name=op.f("uq_sampled_records_sample_id_record_id")),
    )
    op.create_index("ix_sampled_records_org_path_id", "sampled_records", ["org_path", "id"], unique=False)
    op.create_table(
        "record_examinations",
        sa.Column("sampled_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("examined_by", sa.Text(), nullable=False),
        sa.Column("examined_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "outcome in ('confirmed','false','not_proved')", name=op.f("ck_record_examinations_outcome")
        ),
        sa.CheckConstraint("side in ('school','office')", name=op.f("ck_record_examinations_side")),
        sa.ForeignKeyConstraint(
            ["sampled_id"], ["sampled_records.id"], name=op.f("fk_record_examinations_sampled_id_sampled_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_examinations")),
        sa.UniqueConstraint("sampled_id", "side", name=op.f("uq_record_examinations_sampled_id_side")),
    )
    protect_rows(
        op, "archive_audits", "archive_findings", "sampled_records", "record_examinations", "record_cancellations"
    )
    protect_rows(op, "archive_samples", shared_downward=True)
    keep_rows_final(op, "archive_audits", "record_examinations")
