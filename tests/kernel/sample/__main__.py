"""``python -m tests.kernel.sample worker``: the sample service's commands."""

from shared.kernel.command import service_command
from tests.kernel.sample.service import SERVICE

service_command(SERVICE)()
