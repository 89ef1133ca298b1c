"""Throwing away everything a launch has made."""

from __future__ import annotations

import shutil

from launch.errors import LaunchError
from launch.settings import LaunchSettings
from shared.kernel.embedded_postgres.folder import FolderLock

# What a launch makes; anything else in the folder is not ours to remove.
OWN = ("postgres", "postgres.lock", "store", "secrets", "log", "run")


def reset(settings: LaunchSettings) -> list[str]:
    """Removes database, store, secrets and logs, and returns the names of what was removed.

    Raises:
        LaunchError: the platform is running on the folder.
    """
    if not settings.var_dir.exists():
        return []
    lock = FolderLock(settings.var_dir / "run" / "supervisor.lock")
    holder = lock.acquire()
    if holder is not None:
        raise LaunchError(
            f"平台正在运行（进程 {holder}）；请先停止它再重置。",
            f"The platform is running (process {holder}); stop it first.",
        )
    removed = []
    try:
        for name in OWN:
            path = settings.var_dir / name
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
            else:
                continue
            removed.append(name)
    finally:
        lock.release()
    return removed
