"""``python -m services.monitoring api | worker | migrate | check | ...``."""

from services.monitoring.app import SERVICE
from shared.kernel.command import service_command

service_command(SERVICE)()
