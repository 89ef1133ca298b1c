"""Uploads of any kind of sheet: one table, with the subject of item sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_RENAMED = "mark_sheet_uploads"


def upgrade() -> None:
    op.rename_table(_RENAMED, "uploads")
    op.execute(f"alter index ix_{_RENAMED}_exam_id_id rename to ix_uploads_exam_id_id")
    for name in ("pk_{}", "ck_{}_outcome", "fk_{}_exam_id_exams"):
        op.execute(f"alter table uploads rename constraint {name.format(_RENAMED)} to {name.format('uploads')}")
    op.execute(
        f"alter table mark_sheets rename constraint fk_mark_sheets_upload_id_{_RENAMED} to fk_mark_sheets_upload_id_uploads"
    )
    op.execute(f"alter policy {_RENAMED}_within on uploads rename to uploads_within")
    op.add_column("uploads", sa.Column("subject", sa.String(collation="C"), nullable=True))
