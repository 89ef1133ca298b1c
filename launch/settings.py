"""What the environment and the command line say about a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from launch.errors import LaunchError

Topology = Literal["all-in-one", "split"]
PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LaunchSettings:
    """Everything the supervisor decides by.

    Args:
        var_dir: folder for all that changes: database, store, secrets, logs. Absolute.
        topology: one web process for all services, or a process each.
        host: address the gateway listens at.
        port: port the gateway listens at.
        database_url: an administrator's address of a given PostgreSQL; ``None`` for the embedded one.
        env: development, test or production.
        demo: whether to load the demonstration.
    """

    var_dir: Path
    topology: Topology = "all-in-one"
    host: str = LOOPBACK
    port: int = 8000
    database_url: str | None = None
    env: str = "development"
    demo: bool = True

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the gateway."""
        host = LOOPBACK if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def secrets_dir(self) -> Path:
        """Folder of secret files, one folder below it for each service."""
        return self.var_dir / "secrets"

    @property
    def log_dir(self) -> Path:
        """Folder of log files, one for each process."""
        return self.var_dir / "log"

    @property
    def accounts_file(self) -> Path:
        """The first clients and accounts with their secrets."""
        return self.secrets_dir / "gateway" / "accounts.json"


def read_settings(environment: Mapping[str, str], *, topology: str | None = None, demo: bool = True) -> LaunchSettings:
    """Settings of a launch.

    Args:
        environment: usually ``os.environ``; reads VAR_DIR, TOPOLOGY, GATEWAY_HOST, GATEWAY_PORT, DATABASE_URL, ENV.
        topology: overrides TOPOLOGY.
        demo: False leaves the demonstration out; in production it is always left out.

    Raises:
        LaunchError: a value cannot be used.
    """
    chosen = topology or environment.get("TOPOLOGY") or "all-in-one"
    if chosen not in get_args(Topology):
        raise LaunchError(
            f"TOPOLOGY={chosen} 无效，可用：{'、'.join(get_args(Topology))}。",
            f"TOPOLOGY={chosen} is not one of {', '.join(get_args(Topology))}.",
        )
    env = environment.get("ENV") or "development"
    return LaunchSettings(
        var_dir=(PROJECT / (environment.get("VAR_DIR") or "var")).resolve(),
        topology=chosen,  # type: ignore[arg-type]  # checked against the literal's own values
        host=environment.get("GATEWAY_HOST") or LOOPBACK,
        port=_port(environment.get("GATEWAY_PORT") or "8000"),
        database_url=environment.get("DATABASE_URL") or None,
        env=env,
        demo=demo and env != "production",
    )


def _port(text: str) -> int:
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise LaunchError(
        f"GATEWAY_PORT={text} 不是有效的端口号（1–65535）。", f"GATEWAY_PORT={text} is not a port, 1 to 65535."
    )
