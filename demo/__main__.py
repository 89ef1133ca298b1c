"""``python -m demo load`` loads the demonstration through the gateway; ``python -m demo show`` prints its results."""

from __future__ import annotations

import argparse
import os
import sys

from demo.access import ADDRESS, FILE, read_access
from demo.errors import DemoError
from demo.load import load, show
from demo.narration import Narration


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__, epilog=f"环境变量 {ADDRESS}, {FILE}")
    parser.add_argument("command", choices=("load", "show"), help="load 装载并展示 / show 只展示")
    chosen = parser.parse_args(arguments)
    narration = Narration()
    try:
        access = read_access(os.environ)
        (load if chosen.command == "load" else show)(access, narration)
    except DemoError as error:
        narration.complain(error.zh, error.en)
        return 1
    except KeyboardInterrupt:
        narration.complain("已中断；再次运行会从中断处继续。", "Interrupted; run it again to go on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
