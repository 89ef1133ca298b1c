"""The kernel's schema, and schools, classes, students, staff, enrollments and imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.kernel.database.kernel_schema import create_kernel_schema_v1
from shared.kernel.database.scope import protect_rows

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_kernel_schema_v1(op)
    op.create_table(
        "imports",
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("atomic", sa.Text(), nullable=False),
        sa.Column("actor", postgresql.JSONB(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("fault_count", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", postgresql.JSONB(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint("state in ('received','checked','applied','refused')", name=op.f("ck_imports_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(
        "ix_imports_kept_bodies", "imports", ["created_at"], unique=False, postgresql_where="body_sealed is not null"
    )
    op.create_index("ix_imports_org_path_created_at", "imports", ["org_path", "created_at"], unique=False)
    op.create_table(
        "schools",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("county_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_type", sa.String(collation="C"), nullable=False),
        sa.Column("urban_rural", sa.String(collation="C"), nullable=True),
        sa.Column("ownership", sa.String(collation="C"), nullable=True),
        sa.Column("stages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("source_system", sa.String(collation="C"), nullable=True),
        sa.Column("source_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint(
            "cardinality(stages) > 0 and stages <@ array['primary','junior_secondary','senior_secondary']",
            name=op.f("ck_schools_stages"),
        ),
        sa.CheckConstraint("school_code ~ '^(21|31|34|36|37|51|11)[0-9]{8}$'", name=op.f("ck_schools_school_code")),
        sa.CheckConstraint("(source_system is null) = (source_id is null)", name=op.f("ck_schools_source_whole")),
        sa.PrimaryKeyConstraint("school_code", name=op.f("pk_schools")),
    )
    op.create_index("ix_schools_county_code_school_code", "schools", ["county_code", "school_code"], unique=False)
    op.create_index("ix_schools_org_path", "schools", ["org_path"], unique=False)
    op.create_index(
        "uq_schools_source",
        "schools",
        ["source_system", "source_id"],
        unique=True,
        postgresql_where="source_system is not null",
    )
    op.create_table(
        "classes",
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=False),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("class_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("source_system", sa.String(collation="C"), nullable=True),
        sa.Column("source_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("class_type in ('homeroom','scheduled')", name=op.f("ck_classes_class_type")),
        sa.CheckConstraint("(source_system is null) = (source_id is null)", name=op.f("ck_classes_source_whole")),
        sa.CheckConstraint("grade_level between 1 and 12", name=op.f("ck_classes_grade_level")),
        sa.ForeignKeyConstraint(["school_code"], ["schools.school_code"], name=op.f("fk_classes_school_code_schools")),
        sa.PrimaryKeyConstraint("school_code", "school_year", "class_code", name=op.f("pk_classes")),
    )
    op.create_index("ix_classes_org_path", "classes", ["org_path"], unique=False)
    op.create_index("ix_classes_school_year_grade_level", "classes", ["school_year", "grade_level"], unique=False)
    op.create_index(
        "uq_classes_source",
        "classes",
        ["source_system", "source_id"],
        unique=True,
        postgresql_where="source_system is not null",
    )
    op.create_table(
        "staff",
        sa.Column("staff_key", sa.String(collation="C"), nullable=False),
        sa.Column("citizen_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("citizen_number_masked", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sex", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("staffing_category", sa.String(collation="C"), nullable=True),
        sa.Column("post", sa.String(collation="C"), nullable=True),
        sa.Column("professional_title", sa.String(collation="C"), nullable=True),
        sa.Column("education_level", sa.String(collation="C"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("source_system", sa.String(collation="C"), nullable=True),
        sa.Column("source_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("staff_key ~ '^[a-z2-7]{26}$'", name=op.f("ck_staff_staff_key")),
        sa.CheckConstraint("status in ('active','left')", name=op.f("ck_staff_status")),
        sa.CheckConstraint("(source_system is null) = (source_id is null)", name=op.f("ck_staff_source_whole")),
        sa.ForeignKeyConstraint(["school_code"], ["schools.school_code"], name=op.f("fk_staff_school_code_schools")),
        sa.PrimaryKeyConstraint("staff_key", name=op.f("pk_staff")),
    )
    op.create_index("ix_staff_org_path", "staff", ["org_path"], unique=False)
    op.create_index("ix_staff_school_code_staff_key", "staff", ["school_code", "staff_key"], unique=False)
    op.create_index(
        "uq_staff_source",
        "staff",
        ["source_system", "source_id"],
        unique=True,
        postgresql_where="source_system is not null",
    )
    op.create_table(
        "students",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("student_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("student_number_masked", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(collation="C"), nullable=False),
        sa.Column("ethnicity", sa.String(collation="C"), nullable=True),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.Column("source_system", sa.String(collation="C"), nullable=True),
        sa.Column("source_id", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("student_key ~ '^[a-z2-7]{26}$'", name=op.f("ck_students_student_key")),
        sa.CheckConstraint("(source_system is null) = (source_id is null)", name=op.f("ck_students_source_whole")),
        sa.ForeignKeyConstraint(["school_code"], ["schools.school_code"], name=op.f("fk_students_school_code_schools")),
        sa.PrimaryKeyConstraint("student_key", name=op.f("pk_students")),
    )
    op.create_index("ix_students_org_path", "students", ["org_path"], unique=False)
    op.create_index("ix_students_school_code_student_key", "students", ["school_code", "student_key"], unique=False)
    op.create_index(
        "uq_students_source",
        "students",
        ["source_system", "source_id"],
        unique=True,
        postgresql_where="source_system is not null",
    )
    op.create_table(
        "enrollments",
        sa.Column("student_key", sa.String(collation="C"), nullable=False),
        sa.Column("school_year", sa.String(collation="C"), nullable=False),
        sa.Column("school_code", sa.String(collation="C"), nullable=False),
        sa.Column("class_code", sa.String(collation="C"), nullable=True),
        sa.Column("grade_level", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_path", sa.String(collation="C"), nullable=False),
        sa.CheckConstraint(
            "(status in ('enrolled','suspended')) = (left_on is null)", name=op.f("ck_enrollments_open")
        ),
        sa.CheckConstraint(
            "status in ('enrolled','suspended','transferred_out','graduated','completed','left')",
            name=op.f("ck_enrollments_status"),
        ),
        sa.CheckConstraint("grade_level between 1 and 12", name=op.f("ck_enrollments_grade_level")),
        sa.CheckConstraint("left_on >= entered_on", name=op.f("ck_enrollments_dates")),
        sa.ForeignKeyConstraint(
            ["school_code", "school_year", "class_code"],
            ["classes.school_code", "classes.school_year", "classes.class_code"],
            name=op.f("fk_enrollments_school_code_school_year_class_code_classes"),
        ),
        sa.ForeignKeyConstraint(
            ["school_code"], ["schools.school_code"], name=op.f("fk_enrollments_school_code_schools")
        ),
        sa.ForeignKeyConstraint(
            ["student_key"],
            ["students.student_key"],
            name=op.f("fk_enrollments_student_key_students"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("student_key", "school_year", "school_code", name=op.f("pk_enrollments")),
    )
    op.create_index("ix_enrollments_class", "enrollments", ["school_code", "school_year", "class_code"], unique=False)
    op.create_index("ix_enrollments_org_path", "enrollments", ["org_path"], unique=False)
    op.create_index(
        "ix_enrollments_school_year_grade_level",
        "enrollments",
        ["school_year", "grade_level", "school_code"],
        unique=False,
    )
    op.create_index(
        "uq_enrollments_open",
        "enrollments",
        ["student_key", "school_year"],
        unique=True,
        postgresql_where="status in ('enrolled','suspended')",
    )
    protect_rows(op, "schools", "classes", "students", "staff", "enrollments", "imports")
