"""What the supervisor says: Chinese first, English second, readable in a terminal and in a log file alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

GREEN, RED, BOLD, PLAIN = "\033[32m", "\033[31m", "\033[1m", "\033[0m"


class Console:
    """Writes whole lines at once, so that a log of them reads like the terminal did; never fails on a closed one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.colored = self.stream.isatty()
        reconfigure = getattr(self.stream, "reconfigure", None)
        if reconfigure is not None:
            # A terminal in the C locale would make every Chinese character an exception.
            reconfigure(encoding="utf-8", errors="replace", line_buffering=True)

    def line(self, text: str = "", *, style: str = "") -> None:
        """One line, or several if the text holds several."""
        with suppress(OSError, ValueError):
            self.stream.write(f"{style}{text}{PLAIN}\n" if style and self.colored else f"{text}\n")
            self.stream.flush()

    def say(self, zh: str, en: str) -> None:
        """Something that happened, in both languages."""
        self.line(f"  {zh}  {en}")

    def complain(self, zh: str, en: str) -> None:
        """Something that went wrong, in both languages, each on lines of its own."""
        self.line(f"✗ {zh}", style=RED)
        self.line(f"  {en}", style=RED)

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[None]:
        """Announces a step, and says how long it took when it has succeeded."""
        began = time.monotonic()
        self.line(f"… {zh}  {en}")
        yield
        self.line(f"✓ {zh}  ({time.monotonic() - began:.1f} s)", style=GREEN)
