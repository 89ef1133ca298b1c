"""What goes into a recompute bundle, by who asks for it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.mark_sheets.repository import sheets_at
from services.monitoring.results import repository
from services.monitoring.results.bundle import BundleOf
from services.monitoring.results.catalog import TABLES, Audience
from services.monitoring.results.service.read import Reading, open_results
from shared.kernel.audit import log as audit
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def bundle_of(session: AsyncSession, *, code: str, actor: Actor, version: str | None) -> tuple[Reading, BundleOf]:
    """The content of a bundle: of an office every sheet, of a school its own sheet and its own figures.

    Raises:
        DomainError: as :func:`~services.monitoring.results.service.read.open_results`; ``resource.not_found`` for a school
            without marks in this version.
    """
    reading = await open_results(session, code=code, actor=actor, version=version)
    manifest = reading.result_set.manifest
    own = reading.visibility.own_school
    if own is None:
        analysis = await repository.analysis_of(session, actor, reading.result_set)
        return reading, BundleOf(manifest=manifest, inputs=analysis.inputs)
    at = reading.result_set.published_at
    sheet = next(iter(await sheets_at(session, actor, reading.exam, at=at, school_code=own)), None)
    if sheet is None:
        raise DomainError("resource.not_found", params={"what": f"mark sheet of school {own}"})
    entry = {"school_code": own, "county_code": sheet.county_code, "sha256": sheet.sha256, "rows": sheet.row_count}
    inputs = {
        "definition": manifest["definition"],
        "area": reading.exam.org_path,
        "roster_sha256": None,
        "sheets": [entry],
    }
    named = [name for name in reading.files if _is_shown(name, reading)]
    return reading, BundleOf(manifest=manifest, inputs=inputs, questions=[reading.question(name) for name in named])


def note_bundle(session: AsyncSession, reading: Reading, actor: Actor, *, of: BundleOf, rows: int) -> None:
    """Notes that a bundle was taken: by whom, of what kind, how many rows of marks."""
    detail = {"version": reading.result_set.version, "kind": of.kind, "rows": rows}
    audit.note(session, actor, "results.bundled", reading.exam.code, detail)


def _is_shown(name: str, reading: Reading) -> bool:
    """Whether a table goes along at all; which of its rows do is decided where tables are read."""
    audience = TABLES[name].audience
    if audience is Audience.OWN_CANDIDATES:
        return reading.visibility.sees_candidates
    return audience is not Audience.OFFICES
