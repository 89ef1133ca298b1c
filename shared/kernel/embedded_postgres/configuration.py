"""How the embedded server is set up: every setting given on its command line, where ``ALTER SYSTEM`` cannot undo it."""

from __future__ import annotations

from pathlib import Path

SETTINGS = {
    # Reached through one socket in the data folder and nothing else.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "100",
    "superuser_reserved_connections": "5",
    # Two cores and a few gigabytes, shared with the services themselves.
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_parallel_workers_per_gather": "1",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Terse leaves out DETAIL, which would print the values of a violated key: personal data.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "cluster_name": "education-embedded",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_level": "replica"}
# For tests only: a lost machine loses the database.
FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
}


def server_arguments(folder: Path, *, durable: bool) -> list[str]:
    """Command-line arguments of ``postgres`` for a data folder."""
    settings = SETTINGS | (DURABLE if durable else FLEETING)
    quoted = str(folder).replace('"', '""')
    settings["unix_socket_directories"] = f'"{quoted}"'
    arguments = ["-D", str(folder)]
    for name, value in settings.items():
        arguments += ["-c", f"{name}={value}"]
    return arguments


def initdb_arguments(folder: Path, *, durable: bool, superuser: str) -> list[str]:
    """Arguments of ``initdb``: UTF-8, code point order that no operating system update changes, page checksums."""
    arguments = ["-D", str(folder), "-U", superuser, "--encoding=UTF8", "--no-instructions", "--data-checksums"]
    arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    arguments += ["--auth-local=peer", "--auth-host=reject"]
    return arguments if durable else [*arguments, "--no-sync"]


def access_files(operating_users: list[str]) -> dict[str, str]:
    """``pg_hba.conf`` and ``pg_ident.conf``: the named users of this machine may be any role, everybody else none.

    The 0700 folder already keeps others out; this keeps them out once more should its permissions ever slip.
    """
    mappings = "".join(f'ours "{user}" all\n' for user in operating_users)
    return {
        "pg_hba.conf": "local all all peer map=ours\nlocal replication all peer map=ours\n",
        "pg_ident.conf": mappings,
    }
