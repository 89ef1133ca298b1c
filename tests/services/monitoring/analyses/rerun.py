"""``python -m tests.services.monitoring.analyses.rerun <store>``: inputs on stdin, the files' hashes on stdout."""

import json
import sys
from typing import Any

from services.monitoring.analyses.computation import compute
from shared.kernel.store.columnar import ColumnarStore


class Silence:
    """Progress nobody reads."""

    def report(self, done: int, total: int, step: str) -> None:
        """Takes note of nothing."""


inputs: dict[str, Any] = json.load(sys.stdin)
inputs["sheets"].reverse()
outcome = compute(ColumnarStore(sys.argv[1]), inputs, Silence())
sys.stdout.write(json.dumps(outcome.frames))
