"""What the demonstration says while it works: Chinese first, then English, each step with progress and time taken."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

LEAST_WIDTH = 120


class Narration:
    """Writes to the terminal; into a file it writes plain lines, progress at every quarter."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or new_console()
        self._number = 0

    def say(self, zh: str, en: str, *, style: str | None = None) -> None:
        """Something that was found or done."""
        self.console.print(f"  {zh}  {en}", style=style, markup=False, highlight=False, soft_wrap=True)

    def line(self, text: str = "", *, style: str | None = None) -> None:
        """A line as it is."""
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def complain(self, zh: str, en: str) -> None:
        """What ended the demonstration."""
        self.line(f"✗ {zh}", style="red")
        self.line(f"  {en}", style="red")

    def table(self, table: Table) -> None:
        """A table."""
        self.console.print(table)

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[Step]:
        """A numbered step: announced, then closed with what came of it and how long it took."""
        self._number += 1
        self.line(f"{self._number:>2}. {zh}  {en}", style="bold")
        step = Step(self.console)
        began = time.monotonic()
        try:
            yield step
        finally:
            step.close()
        outcome = f"{step.zh}  {step.en}  " if step.zh else ""
        self.line(f"    ✓ {outcome}({time.monotonic() - began:.1f} s)", style="green")


class Step:
    """A step under way."""

    def __init__(self, console: Console) -> None:
        self.zh = ""
        self.en = ""
        self._console = console
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._told = 0

    def came_to(self, zh: str, en: str) -> None:
        """What came of it, said when the step closes."""
        self.zh, self.en = zh, en

    def progress(self, done: int, total: int, what: str | None = None) -> None:
        """How far it is; may be called as often as wished."""
        if total <= 0:
            return
        if self._console.is_terminal:
            self._draw(done, total, what or "")
            return
        quarter = done * 4 // total
        if quarter > self._told or (done == total and self._told < 4):
            self._told = quarter
            self._console.print(f"    {done}/{total} {what or ''}", markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self, done: int, total: int, what: str) -> None:
        if self._bar is None:
            columns = (TextColumn("    {task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task(what, total=total)
            self._bar.start()
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total, description=what)


def new_console() -> Console:
    """The console on standard output, wide enough for tables when that is a file."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # A terminal in the C locale would make every Chinese character an exception.
        reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    console = Console()
    return console if console.is_terminal else Console(width=LEAST_WIDTH)
