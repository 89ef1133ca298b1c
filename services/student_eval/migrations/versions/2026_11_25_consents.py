"""What people said to the use of pupils' data."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "consent_records",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("purpose", sa.String(collation="C"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("person_key", sa.String(collation="C"), nullable=False),
        sa.Column("wording_version", sa.BigInteger(), nullable=False),
        sa.Column("wording_sha256", sa.String(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "action in ('given','refused','withdrawn','acknowledged')", name=op.f("ck_consent_records_action")
        ),
        sa.CheckConstraint("side in ('pupil','guardian')", name=op.f("ck_consent_records_side")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_records")),
    )
    op.create_index("ix_consent_records_student_key_id", "consent_records", ["student_key", "id"])
    op.create_index("ix_consent_records_org_path", "consent_records", ["org_path"])
    protect_rows(op, "consent_records")
    keep_rows_final(op, "consent_records")
