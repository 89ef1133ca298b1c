"""Kernel schema, clients, accounts, revoked tokens and login attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.kernel.database.kernel_schema import create_kernel_schema_v1
from shared.kernel.database.scope import protect_rows

revision = "0001"
down_revision = None

CODE = sa.String(collation="C")
MOMENT = sa.DateTime(timezone=True)


def principal_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("org_path", CODE, nullable=False, index=True),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("secret_changed_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("provisioned_hash", sa.Text()),
        sa.Column("roles", JSONB(), nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("revoked_before", MOMENT, index=True),
    ]


def upgrade() -> None:
    create_kernel_schema_v1(op)
    op.create_table(
        "clients",
        *principal_columns(),
        sa.Column("client_id", CODE, nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("source_system", sa.Text()),
    )
    op.create_table(
        "accounts",
        *principal_columns(),
        sa.Column("username", CODE, nullable=False, unique=True),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("token_id", sa.Text(), primary_key=True),
        sa.Column("expires_at", MOMENT, nullable=False, index=True),
    )
    op.create_table(
        "login_attempts",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("name_key", sa.Text(), index=True),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False, index=True),
        sa.Column("blocked_until", MOMENT),
        sa.Column("succeeded_at", MOMENT),
    )
    protect_rows(op, "clients", "accounts")
