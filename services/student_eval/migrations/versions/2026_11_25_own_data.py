"""Requests for correction of one's own data; readings are found by what was read."""

from alembic import op

from shared.kits.appeals.schema import create_appeals_v1

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_appeals_v1(op, "data_corrections", "data_correction_messages")
    op.create_index("ix_audit_log_object", "audit_log", ["object"])
