"""``python -m services.student_eval api | worker | migrate | check | openapi | audit-verify``."""

from services.student_eval.app import SERVICE
from shared.kernel.command import service_command

service_command(SERVICE)()
