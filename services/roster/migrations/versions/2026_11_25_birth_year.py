"""Year of birth of staff; rows gain it when they are sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("staff", sa.Column("birth_year", sa.SmallInteger()))
