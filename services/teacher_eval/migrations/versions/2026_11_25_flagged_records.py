"""An index of records with flags."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    where = sa.text("flags <> '[]'::jsonb")
    op.create_index("ix_teacher_records_flagged", "teacher_records", ["org_path", "id"], postgresql_where=where)
