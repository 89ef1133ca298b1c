"""What is held of a pupil is found by the pupil."""

from alembic import op

revision = "0012"
down_revision = "0011"

_TABLES = (
    "sampled_records",
    "development_words",
    "development_comments",
    "development_peer_words",
    "process_records",
    "legal_holds",
)


def upgrade() -> None:
    for table in _TABLES:
        op.create_index(f"ix_{table}_student_key", table, ["student_key"])
