"""Teaching assignments: who teaches what in which class, and the posts of class teachers."""

import sqlalchemy as sa
from alembic import op

from shared.kernel.database.scope import protect_rows

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "teaching_assignments",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("kind", sa.String(collation="C"), nullable=False),
        sa.Column("subject", sa.String(collation="C"), nullable=False),
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("spell", sa.String(collation="C"), nullable=False),
        sa.Column("share", sa.Numeric(5, 4), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("source_system", sa.String(collation="C"), nullable=True),
        sa.Column("source_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "kind in ('teaching','homeroom_teacher','deputy_homeroom_teacher')",
            name=op.f("ck_teaching_assignments_kind"),
        ),
        sa.CheckConstraint("status in ('assigned','withdrawn')", name=op.f("ck_teaching_assignments_status")),
        sa.CheckConstraint("(kind = 'teaching') = (subject <> '')", name=op.f("ck_teaching_assignments_subject")),
        sa.CheckConstraint("share > 0 and share <= 1", name=op.f("ck_teaching_assignments_share")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_teaching_assignments_dates")),
        sa.CheckConstraint(
            "(source_system is null) = (source_id is null)", name=op.f("ck_teaching_assignments_source_whole")
        ),
        sa.ForeignKeyConstraint(
            ["school_code", "school_year", "class_code"],
            ["classes.school_code", "classes.school_year", "classes.class_code"],
            name=op.f("fk_teaching_assignments_school_code_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_key"], ["staff.staff_key"], name=op.f("fk_teaching_assignments_staff_key_staff")
        ),
        sa.PrimaryKeyConstraint(
            "school_code",
            "school_year",
            "class_code",
            "kind",
            "subject",
            "staff_key",
            "spell",
            name=op.f("pk_teaching_assignments"),
        ),
    )
    op.create_index("ix_teaching_assignments_org_path", "teaching_assignments", ["org_path"], unique=False)
    op.create_index("ix_teaching_assignments_staff_key", "teaching_assignments", ["staff_key"], unique=False)
    op.create_index(
        "uq_teaching_assignments_source",
        "teaching_assignments",
        ["source_system", "source_id"],
        unique=True,
        postgresql_where="source_system is not null",
    )
    protect_rows(op, "teaching_assignments")
