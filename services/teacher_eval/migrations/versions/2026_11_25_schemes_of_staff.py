"""Schemes of staff and their versions."""

from alembic import op

from shared.kits.schemes.schema import create_schemes_v1

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    create_schemes_v1(op)
