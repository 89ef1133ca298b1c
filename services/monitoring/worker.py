"""The monitoring service's worker."""

from __future__ import annotations

import asyncio

from services.monitoring.app import SERVICE
from services.monitoring.settings import MonitoringSettings
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import load_settings


async def run(stop: asyncio.Event) -> None:
    """Runs jobs until ``stop`` is set."""
    await run_until_stopped(SERVICE, load_settings(MonitoringSettings), stop)
