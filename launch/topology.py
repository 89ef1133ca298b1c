"""Which processes make up the platform, in each topology, and the environment of each."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from launch.ports import free_port
from launch.settings import LOOPBACK, LaunchSettings
from shared.kernel.database.provisioning import ServiceDatabase

SERVICES = ("roster", "monitoring", "school_eval", "teacher_eval", "student_eval")
GATEWAY = "gateway"
# Everything that has a schema, roles and migrations of its own.
SCHEMAS = (*SERVICES, GATEWAY)

WEB, WORK = 0, 1


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process to keep running.

    Args:
        name: names its log file.
        command: program and arguments.
        environment: variables beside those the supervisor has itself.
        stop_order: lower is stopped earlier; equal ones together.
        essential: whether the platform is of no use without it.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_order: int = WEB
    essential: bool = False


def python(*arguments: str) -> tuple[str, ...]:
    """Command line of one of our own modules, under the interpreter we run in."""
    return (sys.executable, "-m", *arguments)


def process_specs(settings: LaunchSettings, databases: Mapping[str, ServiceDatabase]) -> tuple[ProcessSpec, ...]:
    """The processes of the chosen topology, in the order in which to start them."""
    if settings.topology == "all-in-one":
        shared = _all_services(settings, databases)
        web = gateway_environment(settings, databases[GATEWAY])
        return (
            ProcessSpec("web", python("launch.all_in_one"), shared | web, WEB, essential=True),
            ProcessSpec("workers", python("launch.workers"), shared, WORK, essential=True),
        )
    ports = _service_ports(settings)
    upstreams = {service: f"http://{LOOPBACK}:{port}" for service, port in ports.items()}
    specs = [
        spec
        for service in SERVICES
        for spec in _split_service(service, settings, databases[service], port=ports[service])
    ]
    environment = gateway_environment(settings, databases[GATEWAY]) | {"GATEWAY_UPSTREAMS": json.dumps(upstreams)}
    return (*specs, ProcessSpec(GATEWAY, python("gateway", "api"), environment, WEB, essential=True))


def service_environment(
    service: str, settings: LaunchSettings, database: ServiceDatabase, *, port: int = 0
) -> dict[str, str]:
    """Settings of one service. The owner's address is not among them: only migrations need it."""
    prefix = f"{service.upper()}_"
    values = {
        "DATABASE_URL": database.app_url,
        "STORE_URL": (settings.var_dir / "store" / service).as_uri(),
        "SECRETS_DIR": str(settings.secrets_dir / service),
        "JWKS": f"{settings.address}/.well-known/jwks.json",
        "ISSUER": settings.address,
        "GATEWAY_URL": settings.address,
        "CLIENT_ID": f"service-{service}",
        "HOST": LOOPBACK,
        "PORT": str(port),
    }
    return {prefix + name: value for name, value in values.items()}


def gateway_environment(settings: LaunchSettings, database: ServiceDatabase) -> dict[str, str]:
    """Settings of the gateway, but for where its services are."""
    return {
        "GATEWAY_DATABASE_URL": database.app_url,
        "GATEWAY_SECRETS_DIR": str(settings.secrets_dir / GATEWAY),
        "GATEWAY_ISSUER": settings.address,
        "GATEWAY_HOST": settings.host,
        "GATEWAY_PORT": str(settings.port),
    }


def maintenance_environment(schema: str, settings: LaunchSettings, database: ServiceDatabase) -> dict[str, str]:
    """Settings for a step that may change the schema: the process's own and the owner's address."""
    own = (
        gateway_environment(settings, database)
        if schema == GATEWAY
        else service_environment(schema, settings, database)
    )
    return own | {f"{schema.upper()}_MIGRATION_DATABASE_URL": database.owner_url}


def _all_services(settings: LaunchSettings, databases: Mapping[str, ServiceDatabase]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for service in SERVICES:
        merged |= service_environment(service, settings, databases[service])
    return merged


def _split_service(
    service: str, settings: LaunchSettings, database: ServiceDatabase, *, port: int
) -> tuple[ProcessSpec, ProcessSpec]:
    environment = service_environment(service, settings, database, port=port)
    module = f"services.{service}"
    return (
        ProcessSpec(f"{service}-api", python(module, "api"), environment, WEB),
        ProcessSpec(f"{service}-worker", python(module, "worker"), environment, WORK),
    )


def _service_ports(settings: LaunchSettings) -> dict[str, int]:
    """A loopback port for each service: 101 above the gateway's and on, or any free one where that is taken."""
    taken: set[int] = set()
    ports = {}
    for place, service in enumerate(SERVICES):
        ports[service] = free_port(settings.port + 101 + place, avoid=taken)
        taken.add(ports[service])
    return ports
