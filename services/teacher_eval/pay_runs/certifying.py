"""The certificate of a run: what was shared, what it was worked out from by hash, bounds met and ties settled. Blocks."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import polars as pl

from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_runs.sharing import Shared

METHOD = "largest_remainder/1"
CERTIFICATE = "certificate"


def certificate_frame(
    pool: str, amount_fen: int, document: PlanDocument, inputs: pl.DataFrame, shared: Shared
) -> pl.DataFrame:
    """The certificate as canonical JSON, in a frame that the columnar store keeps under its hash."""
    (found,) = shared.allocation.pools.to_dicts()
    content: dict[str, Any] = {
        "pool": pool,
        "pool_fen": amount_fen,
        "fixed_fen": found["fixed_fen"],
        "paid_fen": found["paid_fen"],
        "kept_fen": found["kept_fen"],
        "people": found["member_count"],
        "outside": found["excluded_count"],
        "floored": found["floored_count"],
        "capped": found["capped_count"],
        "tied": found["tied_count"],
        "parts": dict(shared.parts),
        "plan_sha256": _sha256(_canonical(document.model_dump(mode="json"))),
        "inputs_sha256": _sha256(inputs.write_csv()),
        "outcomes_sha256": _sha256(shared.outcomes.write_csv()),
        "method": METHOD,
    }
    return pl.DataFrame({CERTIFICATE: [_canonical(content)]})


def checker_files(
    certificate: str, document: PlanDocument, inputs: pl.DataFrame, outcomes: pl.DataFrame
) -> dict[str, str]:
    """Files of the bundle by name."""
    return {
        "certificate.json": certificate,
        "plan.json": _canonical(document.model_dump(mode="json")),
        "inputs.csv": inputs.write_csv(),
        "outcomes.csv": outcomes.write_csv(),
    }


def _canonical(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
