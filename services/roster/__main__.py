"""``python -m services.roster api | worker | migrate | check | openapi | audit-verify``."""

from services.roster.app import SERVICE
from shared.kernel.command import service_command

service_command(SERVICE)()
