"""The ledger of performance pay may book against a reserve."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_pay_entries_account"), "pay_entries")
    op.create_check_constraint(
        op.f("ck_pay_entries_account"), "pay_entries", "account in ('person','reserve','next_pool')"
    )
