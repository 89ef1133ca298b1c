"""Analyses keep what each of their tasks was given, so that later runs can take over its frames."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("analyses", sa.Column("tasks", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
