"""Exams are checked and archived; schools confirm their sheets; participants keep their denominators."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_STATES = "'draft','collecting','checking','sealed','analyzed','published','withdrawn','archived'"
_COUNTS = ("at_start_count", "transferred_in_count", "transferred_out_count", "expected_count")


def upgrade() -> None:
    op.drop_constraint(op.f("ck_exams_state"), "exams", type_="check")
    op.create_check_constraint(op.f("ck_exams_state"), "exams", f"state in ({_STATES})")
    op.add_column("exams", sa.Column("checking_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exams", sa.Column("accepted_reason", sa.Text(), nullable=True))
    for name in _COUNTS:
        op.add_column("exam_participants", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("exam_participants", sa.Column("refused_upload_id", sa.Uuid(), nullable=True))
    op.add_column("exam_participants", sa.Column("resend_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mark_sheets", sa.Column("linked_count", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("mark_sheets", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mark_sheets", sa.Column("confirmed_by", sa.Text(), nullable=True))
    # Row-level security holds for the owner too: without a scope no row would be brought up to date.
    op.execute("select set_config('app.org', '', true), set_config('app.org_end', '~', true)")
    op.execute("update exam_participants set at_start_count = enrolled_count, expected_count = enrolled_count")
    op.execute(
        "update mark_sheets set linked_count = row_count from exams"
        " where exams.id = mark_sheets.exam_id and exams.definition ->> 'student_linking' = 'required'"
    )
