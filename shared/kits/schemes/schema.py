"""The tables of schemes in a service's schema, as a migration step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

_CODE = sa.String(collation="C")
_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.text("now()")


def create_schemes_v1(op: Operations, table: str = "schemes", versions: str = "scheme_versions") -> None:
    """Creates the tables of schemes and of their versions, protected; versions are final.

    Args:
        op: Alembic's operations.
        table: name of the table of schemes.
        versions: name of the table of versions.
    """
    op.create_table(
        table,
        sa.Column("code", _CODE, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("draft_from", sa.BigInteger(), nullable=True),
        sa.Column("draft_by", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("updated_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("org_path", _CODE, nullable=False),
        sa.CheckConstraint("of in ('school','county','staff','student','city')", name=op.f(f"ck_{table}_of")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("code", name=op.f(f"uq_{table}_code")),
    )
    op.create_index(f"ix_{table}_org_path_code", table, ["org_path", "code"], unique=False)
    op.create_table(
        versions,
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", _CODE, nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_path", _CODE, nullable=False),
        sa.ForeignKeyConstraint(["scheme_id"], [f"{table}.id"], name=op.f(f"fk_{versions}_scheme_id_{table}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{versions}")),
        sa.UniqueConstraint("scheme_id", "number", name=op.f(f"uq_{versions}_scheme_id_number")),
    )
    protect_rows(op, table, versions, shared_downward=True)
    keep_rows_final(op, versions)
