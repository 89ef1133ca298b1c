"""Analyses keep their counts and the versions of the libraries that computed them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("analyses", sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("analyses", sa.Column("software", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
