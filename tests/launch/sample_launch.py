"""A launch of the real supervisor and database over small processes: ``python sample_launch.py STEP WEB``, both programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from launch.console import Console
from launch.run import Launch
from launch.settings import LaunchSettings, read_settings
from launch.topology import ProcessSpec
from shared.kernel.database.provisioning import ServiceDatabase

Databases = Mapping[str, ServiceDatabase]


def specs(settings: LaunchSettings, databases: Databases) -> Sequence[ProcessSpec]:
    return [ProcessSpec("web", (sys.executable, "-c", sys.argv[2], str(settings.port)), essential=True)]


def steps(settings: LaunchSettings, databases: Databases) -> Sequence[ProcessSpec]:
    address = databases["roster"].owner_url
    return [ProcessSpec("migrate-roster", (sys.executable, "-c", sys.argv[1]), {"OWNER_URL": address})]


if __name__ == "__main__":
    sys.exit(Launch(read_settings(os.environ, demo=False), Console(), specs=specs, steps=steps).run())
