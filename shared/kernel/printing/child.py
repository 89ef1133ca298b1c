"""The typesetting child process: limits itself, prints documents until its input ends.

Run as a script, never imported by the parent. The first line of input is the request as JSON; then each document comes as
its length in eight bytes and its JSON, and is answered with a length and a PDF. A document that cannot be printed is
answered with a length of 0.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any, BinaryIO

OPEN_FILES = 64


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Lower this process's limits for good: address space, CPU time, open files, files written, core dumps."""
    wanted = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard),) * 2)


def serve(request: dict[str, Any], source: BinaryIO, out: BinaryIO) -> None:
    """Prints every document of ``source``."""
    import typst

    confine(request["memory_bytes"], request["cpu_seconds"])
    compiler = typst.Compiler(request["template"], font_paths=request["fonts"], ignore_system_fonts=True)
    while len(size := source.read(8)) == 8:
        document = json.loads(source.read(int.from_bytes(size)))
        inputs = {"document": json.dumps(document["content"], ensure_ascii=False)}
        try:
            made = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=document["timestamp"])
        except typst.TypstError:
            made = None
        pdf = made if isinstance(made, bytes) else b""
        out.write(len(pdf).to_bytes(8) + pdf)
        out.flush()


if __name__ == "__main__":
    serve(json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer, sys.stdout.buffer)
