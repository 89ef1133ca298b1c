"""Uploads with faults keep their cells, pupil numbers masked, for a copy with the faulty ones marked."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("uploads", sa.Column("copy_sha256", sa.Text(), nullable=True))
