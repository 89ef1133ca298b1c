"""One web process: the gateway dispatches in memory to every service's application. ``python -m launch.all_in_one``.

The gateway starts and stops the applications behind it; here they are only made and handed over.
"""

from __future__ import annotations

import importlib
import signal

from starlette.types import ASGIApp

from gateway.__main__ import serve
from gateway.settings import GatewaySettings
from launch.topology import SERVICES
from shared.kernel.embedded_postgres.leash import die_with_parent
from shared.kernel.logging import configure_logging
from shared.kernel.settings import ServiceSettings, load_settings


def settings_class(service: str) -> type[ServiceSettings]:
    """A service's settings by their fixed name: ``services.school_eval.settings.SchoolEvalSettings``."""
    module = importlib.import_module(f"services.{service}.settings")
    name = "".join(word.title() for word in service.split("_"))
    found: type[ServiceSettings] = getattr(module, f"{name}Settings")
    return found


def service_app(service: str) -> ASGIApp:
    """A service's application with its settings read; raises ConfigurationError naming what is missing."""
    app: ASGIApp = importlib.import_module(f"services.{service}.app").create_app(load_settings(settings_class(service)))
    return app


def build() -> ASGIApp:
    """The whole platform as one application."""
    # The server's own child would otherwise outlive a killed server and keep its port. Killed outright as well: nobody is
    # left to take its answers, and asked to stop it may wait forever for the server that is gone.
    die_with_parent(signal.SIGKILL)
    settings = load_settings(GatewaySettings)
    configure_logging("web", settings.log_level)
    create_gateway = importlib.import_module("gateway.serving").create_app
    app: ASGIApp = create_gateway(upstreams={service: service_app(service) for service in SERVICES})
    return app


def main() -> None:
    """Serves until SIGTERM."""
    settings = load_settings(GatewaySettings)
    serve("launch.all_in_one:build", host=settings.host, port=settings.port, log_level=settings.log_level)


if __name__ == "__main__":
    main()
