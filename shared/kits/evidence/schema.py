"""The table of evidence in a migration of the service that mounts it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from shared.kernel.database.scope import protect_rows

_FINAL = """
create function {table}_is_final() returns trigger language plpgsql as $$
declare
    changeable constant text[] := array[
        'scan_state', 'scanned_at', 'scan_signature', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason'];
begin
    if tg_op = 'DELETE' then
        raise exception 'evidence is withdrawn, never deleted';
    end if;
    -- What may change: the scan at any time, the withdrawal once.
    if (to_jsonb(new) - changeable) <> (to_jsonb(old) - changeable)
        or (old.withdrawn_at is not null and (new.withdrawn_at, new.withdrawn_by, new.withdrawn_reason)
            is distinct from (old.withdrawn_at, old.withdrawn_by, old.withdrawn_reason)) then
        raise exception 'evidence is never changed';
    end if;
    return new;
end $$
"""


def create_evidence_v1(op: Operations, table: str = "evidence_files") -> None:
    """Creates a table of :class:`~shared.kits.evidence.tables.EvidenceFile`, protected and final.

    Never changed; a later change of the kit becomes a new function, called by a new migration of every service.
    """
    code = sa.String(collation="C")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("org_path", code, nullable=False),
        sa.Column("subject_type", code, nullable=False),
        sa.Column("subject_key", code, nullable=False),
        sa.Column("sha256", code, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text()),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploader_org", code, nullable=False),
        sa.Column("uploaded_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("scan_state", sa.Text(), nullable=False),
        sa.Column("scanned_at", moment),
        sa.Column("scan_signature", sa.Text()),
        sa.Column("withdrawn_at", moment),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_reason", sa.Text()),
        sa.CheckConstraint("kind in ('document','image','text','video')", name=op.f(f"ck_{table}_kind")),
        sa.CheckConstraint(
            "scan_state in ('not_scanned','clean','infected')",
            name=op.f(f"ck_{table}_scan_state"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_reason is null)",
            name=op.f(f"ck_{table}_withdrawn_with_reason"),
        ),
    )
    op.create_index(op.f(f"ix_{table}_subject_type_subject_key_id"), table, ["subject_type", "subject_key", "id"])
    op.create_index(op.f(f"ix_{table}_sha256"), table, ["sha256"])
    protect_rows(op, table)
    op.execute(_FINAL.format(table=table))
    op.execute(
        f"create trigger {table}_are_final before update or delete on {table} "
        f"for each row execute function {table}_is_final()"
    )
