"""Computing a campaign: inputs frozen by hash, the scheme evaluated, a new version with everything it changes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.rules import LIFE, CampaignState
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.results import repository
from services.school_eval.results.rules import newest_of, next_version
from services.school_eval.results.tables import CampaignResult
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.store.columnar import ColumnarStore
from shared.kits.schemes.tables import SchemeVersion
from shared.scoring.scheme.changes import changed_figures, summary_of
from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.said_values import values_frame
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor

COMPUTE_JOB = "compute_campaign"
FRAMES = ("scores", "totals")
#: States in which a ruling is computed although the campaign has moved on.
SHOWN = frozenset({CampaignState.IN_PUBLICITY, CampaignState.FINAL, CampaignState.PUBLISHED})


async def ask_computation(
    session: AsyncSession, *, row: Campaign, actor: Actor, reason: str | None = None, appeal_id: uuid.UUID | None = None
) -> Job:
    """Asks for a campaign to be computed, or computed anew after a ruling."""
    if appeal_id is None:
        LIFE.target("compute", CampaignState(row.state))
    args = {"campaign_id": str(row.id), "campaign": row.code, "reason": reason}
    args["appeal_id"] = None if appeal_id is None else str(appeal_id)
    return await enqueue(session, actor, COMPUTE_JOB, args=args, org_path=row.org_path, lock=f"campaign-{row.id}")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a computation is given.

    Args:
        scheme: as of the campaign's day.
        inputs: hashes of everything else, as they are kept.
        last_word: number of the last entry it knows.
    """

    scheme: Scheme
    inputs: dict[str, Any]
    last_word: int


def frozen_inputs(
    store: ColumnarStore, campaign: Campaign, version: SchemeVersion, scheme: Scheme, said: pl.DataFrame
) -> dict[str, Any]:
    """Stores the values a computation is given, and names everything by hash. Blocks."""
    prefill: Mapping[str, Any] = campaign.prefill or {}
    units_sha256 = campaign.units_sha256 or ""
    prefilled = store.get(prefill["values"]) if prefill.get("values") else None
    values = store.put(values_frame(scheme, store.get(units_sha256), said, prefilled))
    return {
        "scheme": {
            "code": scheme.code,
            "number": version.number,
            "sha256": version.sha256,
            "as_of": campaign.as_of.isoformat(),
        },
        "units": units_sha256,
        "values": values.sha256,
        "errors": prefill.get("errors"),
        "origins": prefill.get("origins") or {},
    }


def canonical_sha256(content: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def computed(store: ColumnarStore, frozen: Frozen, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Evaluates frozen inputs and stores the frames, and what they change. Blocks.

    Args:
        store: the columnar store.
        frozen: the inputs.
        before: frames of the version to be replaced.

    Returns:
        ``frames, counts, changes`` as a version keeps them.
    """
    evaluation = evaluate(frozen.scheme, store.get(frozen.inputs["units"]), store.get(frozen.inputs["values"]))
    frames = {"scores": evaluation.scores, "totals": evaluation.totals}
    files = {}
    for name, frame in frames.items():
        stored = store.put(frame)
        files[name] = {"sha256": stored.sha256, "rows": stored.rows, "size": stored.size}
    changes = None
    if before is not None:
        changed = changed_figures({name: store.get(before[name]["sha256"]) for name in FRAMES}, frames)
        stored = store.put(changed)
        changes = {"sha256": stored.sha256, "rows": stored.rows} | summary_of(changed)
    return {"frames": files, "counts": counts_of(evaluation.totals), "changes": changes}


def counts_of(totals: pl.DataFrame) -> dict[str, Any]:
    """Units, units without a total, vetoed ones, and units by grade."""
    grades = dict(totals.drop_nulls("grade").group_by("grade").len().sort("grade").iter_rows())
    return {
        "units": totals.height,
        "without_total": totals["total"].null_count(),
        "vetoed": totals.filter(pl.col("vetoed_by").list.len() > 0).height,
        "grades": grades,
    }


def software() -> dict[str, str]:
    """Versions of what computed the figures."""
    return {"python": platform.python_version(), "polars": pl.__version__, "numpy": np.__version__}


async def keep_version(
    session: AsyncSession,
    *,
    campaign: Campaign,
    frozen: Frozen,
    outcome: Mapping[str, Any],
    actor: Actor,
    reason: str | None,
    appeal_id: uuid.UUID | None,
) -> CampaignResult:
    """Puts what was computed in force as the next version."""
    versions = await repository.versions_of(session, actor, campaign)
    replaced = newest_of(versions)
    major, minor = next_version(versions, is_ruling=appeal_id is not None)
    row = CampaignResult(
        campaign_id=campaign.id,
        org_path=campaign.org_path,
        major=major,
        minor=minor,
        inputs=frozen.inputs,
        inputs_sha256=canonical_sha256(frozen.inputs),
        frames=outcome["frames"],
        counts=outcome["counts"],
        changes=outcome["changes"],
        software=software(),
        reason=reason,
        appeal_id=appeal_id,
        computed_by=actor.subject,
    )
    session.add(row)
    await session.flush()
    if campaign.state in SHOWN:
        await repository.show_from_now(session, campaign.id)
    detail = {"version": row.version, "replaces": replaced.version if replaced else None, "changes": row.changes}
    note(session, actor, "campaign_result.computed", campaign.code, detail | {"inputs_sha256": row.inputs_sha256})
    key = {"campaign": campaign.code, "version": row.version}
    await record_changes(session, "campaign_results", Operation.UPSERTED, [(campaign.org_path, key)])
    return row


async def stored_inputs(
    store: ColumnarStore, campaign: Campaign, version: SchemeVersion, scheme: Scheme, said: pl.DataFrame
) -> dict[str, Any]:
    """As :func:`frozen_inputs`, in a thread."""
    return await asyncio.to_thread(frozen_inputs, store, campaign, version, scheme, said)
