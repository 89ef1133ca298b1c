"""The roster's worker."""

from __future__ import annotations

import asyncio

from services.roster.app import SERVICE
from services.roster.settings import RosterSettings
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import load_settings


async def run(stop: asyncio.Event) -> None:
    """Runs jobs until ``stop`` is set."""
    await run_until_stopped(SERVICE, load_settings(RosterSettings), stop)
