"""What can keep the platform from starting, said to the person at the terminal."""

from __future__ import annotations


class LaunchError(Exception):
    """The platform cannot start or go on; both sentences say what is wrong and how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


class StopRequested(Exception):
    """Someone asked the supervisor to stop while it was waiting for something."""
