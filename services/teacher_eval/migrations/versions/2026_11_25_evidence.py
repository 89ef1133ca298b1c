"""Files handed in as evidence."""

from alembic import op

from shared.kits.evidence.schema import create_evidence_v1

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_evidence_v1(op)
