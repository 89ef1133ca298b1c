"""The teacher evaluation service's worker."""

from __future__ import annotations

import asyncio

from services.teacher_eval.app import SERVICE
from services.teacher_eval.settings import TeacherEvalSettings
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import load_settings


async def run(stop: asyncio.Event) -> None:
    """Runs jobs until ``stop`` is set."""
    await run_until_stopped(SERVICE, load_settings(TeacherEvalSettings), stop)
