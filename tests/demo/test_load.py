"""What a second run does: it never touches an exam that has once been published."""

from __future__ import annotations

import io
from typing import Any

import httpx
import polars as pl
import pytest
from rich.console import Console

from demo import load as loading
from demo.access import Access, Credentials
from demo.exam import definition
from demo.gateway import Gateway
from demo.mapping import school_code
from demo.narration import LEAST_WIDTH, Narration

ACCESS = Access(
    "http://127.0.0.1:1",
    Credentials("sample-vendor", "a", is_person=False),
    Credentials("city-admin", "b", is_person=True),
    Credentials("province", "c", is_person=False),
)
DISCOVERY = {
    "token_endpoint": "/oauth/token",
    "documentation": "/api/docs",
    "services": [{"name": name, "base": f"/api/v1/{name}"} for name in ("roster", "monitoring")],
}


def platform(exam: dict[str, Any], writes: list[str]) -> httpx.MockTransport:
    """A platform with one exam of two published versions and no mark sheets, which notes every write."""
    answers: dict[str, Any] = {
        "/api": DISCOVERY,
        "/api/v1/monitoring/exams/demo-bdf-2026": exam,
        "/api/v1/monitoring/exams/demo-bdf-2026/mark-sheets": {"items": [], "next_cursor": None},
        "/api/v1/monitoring/exams/demo-bdf-2026/results": {"versions": [{"version": "2.0.0"}, {"version": "1.0.0"}]},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 600, "scope": "*"})
        if request.method != "GET":
            writes.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json=answers[request.url.path])

    return httpx.MockTransport(answer)


def run(exam: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    writes: list[str] = []
    transport = platform(exam, writes)
    monkeypatch.setattr(loading, "Gateway", lambda address: Gateway(address, transport=transport))
    monkeypatch.setattr(loading, "show_results", lambda narration, _: narration.line("RESULTS"))
    stream = io.StringIO()
    loading.load(ACCESS, Narration(Console(file=stream, width=LEAST_WIDTH)))
    return stream.getvalue(), writes


@pytest.mark.parametrize("state", ["withdrawn", "collecting", "checking", "sealed", "analyzed"])
def test_what_somebody_withdrew_or_reopened_is_left_alone(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, writes = run({"state": state}, monkeypatch)
    assert f"is {state} now; it is left as it is" in text
    assert writes == []
    assert "RESULTS" not in text


def test_published_results_are_shown_and_a_difference_is_said(
    pupils: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [school_code(number) for number in pupils["school"].unique().to_list()]
    exam = {"state": "published", "definition": definition(pupils, codes)}
    text, writes = run(exam, monkeypatch)
    assert writes == []
    assert "does not come from these very data (2152900001" in text
    assert "nothing was changed" in text
    assert text.rstrip().endswith("RESULTS")
