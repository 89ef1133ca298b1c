"""A refusal by the platform (RFC 9457), in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from demo.errors import DemoError

SHOWN_FAULTS = 20


class RefusedError(DemoError):
    """The platform refused a request.

    Args:
        request: what was asked, e.g. ``PUT /api/v1/...``.
        status: HTTP status.
        problem: the problem document.
    """

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        words = "\n".join([f"{request} → {status}", *lines_of(problem)])
        super().__init__(f"平台拒绝了请求：{words}", f"The platform refused {request} ({status}).")

    @property
    def code(self) -> str:
        """Stable code of the problem: the end of its type."""
        return str(self.problem.get("type", "")).rpartition("/")[2]

    @property
    def faults(self) -> list[dict[str, Any]]:
        """Faults the answer lists; the first of them when there are many."""
        return list(self.problem.get("errors") or ())


def refusal(answer: httpx.Response) -> RefusedError:
    """The refusal an answer means; one that is no problem document keeps its first words."""
    request = f"{answer.request.method} {answer.request.url.path}"
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {"title": answer.reason_phrase, "detail": answer.text[:300]}
    return RefusedError(request, answer.status_code, document)


def lines_of(problem: Mapping[str, Any]) -> list[str]:
    """A problem document as lines: title, sentence, faults, and where to read on."""
    if "error" in problem:  # the token endpoint answers as RFC 6749 says
        return [f"  {problem['error']}: {problem.get('error_description', '')}"]
    lines = [f"  {problem.get('title', '')}：{problem.get('detail', '')}"]
    faults = list(problem.get("errors") or ())
    lines += [f"    - {line}" for line in fault_lines(faults[:SHOWN_FAULTS])]
    if len(faults) > SHOWN_FAULTS:
        lines.append(f"    … 另有 {len(faults) - SHOWN_FAULTS} 处  and {len(faults) - SHOWN_FAULTS} more")
    if remedy := problem.get("remedy"):
        lines.append(f"  ⇒ {remedy}")
    lines += [f"  {name}: {problem[name]}" for name in ("type", "trace_id", "actor") if problem.get(name)]
    return lines


def fault_lines(faults: Iterable[Mapping[str, Any]]) -> list[str]:
    """Faults, one line each: row and column (or pointer), code, sentence."""
    return [f"{place_of(fault)} {fault.get('code', '')}: {fault.get('detail', '')}" for fault in faults]


def place_of(fault: Mapping[str, Any]) -> str:
    """Where a fault is."""
    parts = [f"行 row {fault['row']}" if fault.get("row") is not None else "", str(fault.get("column") or "")]
    return " ".join(part for part in parts if part) or str(fault.get("pointer") or "")
