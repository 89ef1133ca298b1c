"""The person an account stands for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("person_key", sa.String(collation="C")))
    op.create_unique_constraint("uq_accounts_person_key", "accounts", ["person_key"])
