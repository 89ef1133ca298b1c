"""The kernel's schema."""

from alembic import op

from shared.kernel.database.kernel_schema import create_kernel_schema_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_kernel_schema_v1(op)
