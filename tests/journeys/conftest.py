import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.people import People
from tests.journeys.platform import Platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="edu-", ignore_cleanup_errors=True) as folder:
        running = Platform(Path(folder) / "var")
        try:
            running.start()
            yield running
        finally:
            assert running.stop() == 0


@pytest.fixture(scope="session")
def people(platform: Platform) -> People:
    return People(platform)
