"""The tables of appeals in a migration of the service that mounts them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from shared.kernel.database.final import keep_rows_final
from shared.kernel.database.scope import protect_rows

_FINAL = """
create function {table}_keep_grounds() returns trigger language plpgsql as $$
declare
    kept constant text[] := array['id', 'org_path', 'subject_type', 'subject_key', 'appellant', 'appellant_org', 'points',
        'grounds', 'asks_for', 'submitted_at'];
    name text;
begin
    if tg_op = 'DELETE' then
        raise exception 'an appeal is withdrawn, never deleted';
    end if;
    foreach name in array kept loop
        if to_jsonb(new) -> name <> to_jsonb(old) -> name then
            raise exception 'what was appealed against is never changed';
        end if;
    end loop;
    if old.state in ('final', 'withdrawn') then
        raise exception 'an appeal that is over is never changed';
    end if;
    return new;
end $$
"""


def create_appeals_v1(op: Operations, table: str = "appeals", messages: str = "appeal_messages") -> None:
    """Creates the tables of :class:`~shared.kits.appeals.tables.Appeal` and its messages, protected and final.

    Never changed; a later change of the kit becomes a new function, called by a new migration of every service.
    """
    _create_appeals(op, table)
    code = sa.String(collation="C")
    op.create_table(
        messages,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("org_path", code, nullable=False),
        sa.Column(
            "appeal_id",
            sa.Uuid(),
            sa.ForeignKey(f"{table}.id", name=op.f(f"fk_{messages}_appeal_id_{table}")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_org", code, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.create_index(op.f(f"ix_{messages}_appeal_id_id"), messages, ["appeal_id", "id"])
    protect_rows(op, table, messages)
    op.execute(_FINAL.format(table=table))
    op.execute(
        f"create trigger {table}_keep_grounds before update or delete on {table} "
        f"for each row execute function {table}_keep_grounds()"
    )
    keep_rows_final(op, messages)


def _create_appeals(op: Operations, table: str) -> None:
    code = sa.String(collation="C")
    moment = sa.DateTime(timezone=True)
    json = postgresql.JSONB()
    states = "'submitted','accepted','refused','under_investigation','ruled','review_requested','final','withdrawn'"
    outcomes = "'upheld','partly_upheld','rejected'"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("org_path", code, nullable=False),
        sa.Column("subject_type", code, nullable=False),
        sa.Column("subject_key", code, nullable=False),
        sa.Column("appellant", sa.Text(), nullable=False),
        sa.Column("appellant_org", code, nullable=False),
        sa.Column("points", json, nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("asks_for", sa.Text()),
        sa.Column("submitted_at", moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", moment),
        sa.Column("due_rule", sa.Text()),
        sa.Column("unverified_years", json, nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_org", code),
        sa.Column("decided_at", moment),
        sa.Column("outcome", sa.Text()),
        sa.Column("effect", json),
        sa.Column("applied", json),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("reviewed_at", moment),
        sa.Column("review_outcome", sa.Text()),
        sa.Column("review_effect", json),
        sa.Column("review_applied", json),
        sa.Column("ended_at", moment),
        sa.CheckConstraint(f"state in ({states})", name=op.f(f"ck_{table}_state")),
        sa.CheckConstraint(f"outcome in ({outcomes})", name=op.f(f"ck_{table}_outcome")),
        sa.CheckConstraint(f"review_outcome in ({outcomes})", name=op.f(f"ck_{table}_review_outcome")),
        sa.CheckConstraint("state <> 'ruled' or outcome is not null", name=op.f(f"ck_{table}_ruled_has_outcome")),
        sa.CheckConstraint(
            "(state in ('final','withdrawn')) = (ended_at is not null)", name=op.f(f"ck_{table}_over_has_end")
        ),
    )
    op.create_index(op.f(f"ix_{table}_subject_type_subject_key_id"), table, ["subject_type", "subject_key", "id"])
    still = "state in ('accepted','refused','review_requested','ruled','submitted','under_investigation')"
    op.create_index(f"ix_{table}_due_at", table, ["due_at"], postgresql_where=still)
