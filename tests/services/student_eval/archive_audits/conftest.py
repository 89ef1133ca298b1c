"""A senior class with a worker beside the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.student_eval.app import SERVICE
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import ServiceSettings
from tests.services.student_eval.archives.conftest import senior

__all__ = ["senior"]


@pytest.fixture
async def worker(student_eval_settings: ServiceSettings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_until_stopped(SERVICE, student_eval_settings, stop))
    yield
    stop.set()
    await task
