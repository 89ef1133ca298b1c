"""Looking at stored files again, and clearing away what no row names."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import Select

from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep
from shared.kernel.virus_scan import ScanState, Verdict
from shared.kits.evidence import repository
from shared.kits.evidence.tables import EvidenceFile
from shared.kits.platform import platform_actor
from shared.kits.subject import tell_change

#: Signatures are added daily: what was clean is looked at again.
LOOK_AGAIN = dt.timedelta(days=30)
Tables = Sequence[type[EvidenceFile]]


def evidence_sweeps(
    *tables: type[EvidenceFile], erased: Select[uuid.UUID] | None = None
) -> tuple[KernelSweep, KernelSweep]:
    """The sweeps of a service, given every table of evidence it has: files of a table left out would be removed.

    Args:
        tables: every table of evidence of the service.
        erased: ids of withdrawn files whose content the service keeps no longer; their rows and hashes stay.
    """

    async def scan(kernel: Kernel) -> int:
        return sum([await _scan(kernel, table) for table in tables])

    async def clear(kernel: Kernel) -> int:
        actor, named = platform_actor(kernel.service), set[str]()
        async with kernel.database.transaction("") as session:
            for table in tables:
                named |= await repository.named_blobs(session, table, actor, erased=erased)
        return await asyncio.to_thread(kernel.files.sweep, named)

    return KernelSweep("evidence_scans", scan), KernelSweep("evidence_files", clear)


async def _scan(kernel: Kernel, table: type[EvidenceFile]) -> int:
    """Scans files not scanned yet or long ago; returns how many got a verdict."""
    if kernel.scanner is None:
        return 0
    actor, count = platform_actor(kernel.service), 0
    async with kernel.database.transaction("") as session:
        waiting = await repository.scan_states(session, table, actor, before=clock.now() - LOOK_AGAIN)
    for sha256 in waiting:
        try:
            verdict = await kernel.scanner.scan(kernel.files.path(sha256))
        except FileNotFoundError:  # said when somebody asks for it; here it is no reason to stop
            continue
        if verdict.state is not ScanState.NOT_SCANNED:
            await _put_in_force(kernel, table, sha256, verdict)
            count += 1
    return count


async def _put_in_force(kernel: Kernel, table: type[EvidenceFile], sha256: str, verdict: Verdict) -> None:
    actor = platform_actor(kernel.service)
    async with kernel.database.transaction("") as session:
        for row in await repository.rows_of_content(session, table, actor, sha256):
            row.scan_state, row.scanned_at, row.scan_signature = verdict.state, clock.now(), verdict.signature
            if verdict.state is ScanState.INFECTED:
                note(session, actor, "evidence.quarantined", str(row.id), {"signature": verdict.signature or "?"})
                await tell_change(session, row)
    if verdict.state is ScanState.INFECTED:  # the rows say so first: what they call infected is never served
        await asyncio.to_thread(kernel.files.quarantine, sha256)
