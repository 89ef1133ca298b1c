"""The student evaluation service's worker."""

from __future__ import annotations

import asyncio

from services.student_eval.app import SERVICE
from services.student_eval.settings import StudentEvalSettings
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import load_settings


async def run(stop: asyncio.Event) -> None:
    """Runs jobs until ``stop`` is set."""
    await run_until_stopped(SERVICE, load_settings(StudentEvalSettings), stop)
