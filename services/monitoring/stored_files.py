"""Which files of the columnar store the database names; everything else in it is swept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.tables import Exam
from services.monitoring.intake.tables import Upload
from services.monitoring.item_sheets.tables import ItemSheet
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.report_batches.repository import all_ids
from services.monitoring.results.tables import ResultReconciliation, ResultSet
from services.monitoring.samples.tables import Sample

#: Columns that each name one file. Analyses and result sets name theirs in JSON.
NAMING = (
    Exam.roster_sha256,
    MarkSheet.sha256,
    ItemSheet.sha256,
    Upload.faults_sha256,
    ResultReconciliation.differences_sha256,
    Upload.copy_sha256,
    Sample.sizes_sha256,
    Sample.schools_sha256,
    Sample.roster_sha256,
    Sample.draw_sha256,
    Sample.pupils_sha256,
)


async def named_files(session: AsyncSession) -> Collection[str]:
    """Name of every file a row names, most by SHA-256; superseded sheets and closed frames are kept too."""
    named: set[str] = set()
    for column in NAMING:
        named |= {value for value in (await session.scalars(select(column).distinct())).all() if value is not None}
    analyses = select(Analysis.inputs, Analysis.frames, Analysis.tasks)
    for inputs, frames, tasks in (await session.execute(analyses)).all():
        named |= {sheet["sha256"] for sheet in inputs["sheets"]} | {inputs["roster_sha256"]}
        named |= {part["sha256"] for entry in (frames or {}).values() for part in entry["parts"]}
        named |= {file["sha256"] for done in (tasks or {}).values() for file in done["frames"].values()}
    for manifest in (await session.scalars(select(ResultSet.manifest))).all():
        named |= {changed["sha256"] for changed in (manifest.get("changes") or {}).values()}
    # Archives of reports are named by their batch.
    return named | {str(batch_id) for batch_id in await all_ids(session)}
