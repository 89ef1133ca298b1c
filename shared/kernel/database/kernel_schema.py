"""The kernel's part of every service's schema, called by the service's own migrations.

Each ``..._v1`` function is called once by the first migration of every service and never changed afterwards; a later change
to the kernel's tables becomes a new function, called by a new migration of every service.
"""

from __future__ import annotations

from importlib import resources

from alembic.operations import Operations

from shared.kernel.audit.log import AUDIT_SQL
from shared.kernel.audit.tables import AuditRecord
from shared.kernel.changes.feed import Change, ClearedChanges
from shared.kernel.database.base import KernelBase
from shared.kernel.database.scope import protect_rows
from shared.kernel.jobs.tables import Job
from shared.kernel.web.idempotency import IdempotentAnswer

_V1 = tuple(table.__table__ for table in (AuditRecord, Job, IdempotentAnswer, Change, ClearedChanges))


def create_kernel_schema_v1(op: Operations) -> None:
    """Audit log, jobs, idempotent answers, change feed, and the queue's own tables."""
    KernelBase.metadata.create_all(op.get_bind(), tables=list(_V1), checkfirst=False)  # type: ignore[arg-type]
    for statement in AUDIT_SQL:
        op.execute(statement)
    protect_rows(op, "jobs", "changes")
    # procrastinate's own SQL, as shipped with the pinned version; its later migrations get migrations of ours.
    queue_sql = resources.files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(queue_sql.replace("%", "%%"))


def is_kernel_table(name: str) -> bool:
    """Whether a table is the kernel's or the queue's, for the drift check of a service's own metadata."""
    return name.startswith("procrastinate_") or name in KernelBase.metadata.tables
