"""What the hour does to findings."""

from __future__ import annotations

from services.school_eval.findings.service import escalate_overdue
from shared.kernel.sweep import Sweep

SWEEPS = (Sweep("escalated_findings", escalate_overdue),)
