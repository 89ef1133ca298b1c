"""The tables of sign-offs in a migration of the service that mounts them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

_STATES = "'requested','signed','declined','reset','cancelled'"


def create_sign_offs_v1(op: Operations, table: str = "sign_offs", signatures: str = "signatures") -> None:
    """Creates the tables of :class:`~shared.kits.sign_offs.tables.SignOff` and its signatures; signatures are final.

    Never changed; a later change of the kit becomes a new function, called by a new migration of every service.
    """
    code = sa.String(collation="C")
    moment = sa.DateTime(timezone=True)
    json = postgresql.JSONB()
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("org_path", code, nullable=False),
        sa.Column("subject_type", code, nullable=False),
        sa.Column("subject_key", code, nullable=False),
        sa.Column("content_sha256", code, nullable=False),
        sa.Column("signers", json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", moment, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("unverified_years", json, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("ended_reason", sa.Text()),
        sa.CheckConstraint(f"state in ({_STATES})", name=op.f(f"ck_{table}_state")),
        sa.CheckConstraint("(state = 'requested') = (ended_at is null)", name=op.f(f"ck_{table}_over_has_end")),
    )
    standing = "state in ('requested','signed')"
    columns = ["subject_type", "subject_key"]
    op.create_index(f"uq_{table}_standing", table, columns, unique=True, postgresql_where=standing)
    op.create_table(
        signatures,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("org_path", code, nullable=False),
        sa.Column(
            "sign_off_id",
            sa.Uuid(),
            sa.ForeignKey(f"{table}.id", name=op.f(f"fk_{signatures}_sign_off_id_{table}")),
            nullable=False,
        ),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("content_sha256", code, nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signer_org", code, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint("decision in ('signed','declined')", name=op.f(f"ck_{signatures}_decision")),
        sa.CheckConstraint(
            "decision = 'signed' or reason is not null", name=op.f(f"ck_{signatures}_declined_with_reason")
        ),
    )
    op.create_index(f"uq_{signatures}_position", signatures, ["sign_off_id", "position"], unique=True)
    protect_rows(op, table, signatures)
    keep_rows_final(op, signatures)
