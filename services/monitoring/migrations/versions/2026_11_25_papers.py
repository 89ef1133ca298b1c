"""Papers and item sheets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("corrections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_papers_exam_id_exams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("exam_id", "subject", name=op.f("uq_papers_exam_id_subject")),
    )
    op.create_table(
        "item_sheets",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("agrees_with", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_item_sheets_exam_id_exams")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_item_sheets_upload_id_uploads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_sheets")),
    )
    op.create_index("ix_item_sheets_exam_id_org_path", "item_sheets", ["exam_id", "org_path"], unique=False)
    op.create_index(
        "uq_item_sheets_current",
        "item_sheets",
        ["exam_id", "subject", "school_code"],
        unique=True,
        postgresql_where="superseded_at is null",
    )
    protect_rows(op, "item_sheets")
    protect_rows(op, "papers", shared_downward=True)
