"""What the hour does to findings."""

from __future__ import annotations

from services.school_eval.findings.service import escalate_overdue
from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep


async def escalate(kernel: Kernel) -> int:
    """Hands on what was not mended in time."""
    async with kernel.database.transaction("") as session:
        return await escalate_overdue(session, kernel.settings)


SWEEPS = (KernelSweep("escalated_findings", escalate),)
