"""The public server: granian, because it alone of the Python servers cuts off callers that never finish their headers."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

#: A caller has this long for all of its headers, and this much room.
HEADER_MILLISECONDS = 15_000
HEADER_BYTES = 64 << 10
#: What a stopping server gives the requests in hand.
STOP_SECONDS = 15


def serve(target: str, *, host: str, port: int, log_level: str = "info") -> None:
    """Runs an application factory under granian until SIGTERM: one worker, HTTP/1.1, hostile clients cut off.

    Args:
        target: ``module:function`` that makes the application.
        host: listen address.
        port: listen port.
        log_level: of granian's own messages.
    """
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        loop=Loops.uvloop,
        websockets=False,
        http="1",  # type: ignore[arg-type]
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels(log_level),
        log_access=False,
    ).serve()
