"""The table of notices in a migration of the service that mounts it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from shared.kernel.database.scope import protect_rows

_FINAL = """
create function {table}_is_final() returns trigger language plpgsql as $$
declare
    changeable constant text[] := array[
        'state', 'version', 'updated_at', 'closed_at', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason'];
begin
    if tg_op = 'DELETE' then
        raise exception 'a notice is withdrawn, never deleted';
    end if;
    if old.state <> 'drafted' and (to_jsonb(new) - changeable) <> (to_jsonb(old) - changeable) then
        raise exception 'what a notice has shown is never changed';
    end if;
    return new;
end $$
"""


def create_notices_v1(op: Operations, table: str = "notices") -> None:
    """Creates a table of :class:`~shared.kits.publicity.tables.Notice`, protected and final once opened.

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
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("content", json, nullable=False),
        sa.Column("content_sha256", code, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("working_days", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text()),
        sa.Column("opened_at", moment),
        sa.Column("first_on", sa.Date()),
        sa.Column("last_on", sa.Date()),
        sa.Column("ends_at", moment),
        sa.Column("unverified_years", json, nullable=False),
        sa.Column("closed_at", moment),
        sa.Column("withdrawn_at", moment),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_reason", sa.Text()),
        sa.CheckConstraint("state in ('drafted','open','closed','withdrawn')", name=op.f(f"ck_{table}_state")),
        sa.CheckConstraint("audience in ('organization','anyone')", name=op.f(f"ck_{table}_audience")),
        sa.CheckConstraint("state <> 'open' or ends_at is not null", name=op.f(f"ck_{table}_open_has_end")),
    )
    standing = "state in ('drafted','open')"
    columns = ["subject_type", "subject_key"]
    op.create_index(f"uq_{table}_standing", table, columns, unique=True, postgresql_where=standing)
    op.create_index(f"ix_{table}_ends_at", table, ["ends_at"], postgresql_where="state = 'open'")
    protect_rows(op, table, shared_downward=True)
    op.execute(_FINAL.format(table=table))
    op.execute(
        f"create trigger {table}_are_final before update or delete on {table} "
        f"for each row execute function {table}_is_final()"
    )
