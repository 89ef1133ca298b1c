"""Rows that are written once: threads, entries, snapshots. The database refuses every change, whoever asks."""

from __future__ import annotations

from alembic.operations import Operations

_FUNCTION = "row_is_final"


def keep_rows_final(op: Operations, *tables: str) -> None:
    """Migration step: rows of these tables can be added and read, never changed or deleted."""
    op.execute(
        f"create or replace function {_FUNCTION}() returns trigger language plpgsql as "
        "$$ begin raise exception 'a row of % is final', tg_table_name; end $$"
    )
    for table in tables:
        op.execute(
            f"create trigger {table}_are_final before update or delete on {table} "
            f"for each row execute function {_FUNCTION}()"
        )
