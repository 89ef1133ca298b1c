"""Every problem of the catalogue as a page, so that a problem's ``type`` resolves."""

from __future__ import annotations

import json
from string import Formatter
from typing import Any

from gateway.pages.markup import TITLE, Child, Markup, both, document, header, tag
from shared.kernel.web.problems import KIND_STATUS, problem_document
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import Mender, Problem, ProblemKind, catalogue

_MENDERS = {
    Mender.VENDOR: ("系统厂商", "vendor"),
    Mender.SCHOOL: ("学校", "school"),
    Mender.BUREAU: ("主管单位", "bureau"),
    Mender.HOST: ("平台运维", "host"),
}


def problem_entry(code: str) -> dict[str, Any] | None:
    """One problem in both languages as JSON, or ``None`` when there is no such code."""
    problem = catalogue().get(code)
    if problem is None:
        return None
    return {
        "type": f"/problems/{code}",
        "code": code,
        "kind": problem.kind.value,
        "status": None if problem.kind is ProblemKind.FAULT else KIND_STATUS[problem.kind],
        "actor": problem.actor.value,
        "title": dict(problem.title),
        "detail": dict(problem.detail),
        "remedy": dict(problem.remedy),
    }


def example_document(problem: Problem) -> dict[str, Any]:
    """What a caller gets, with dots where the values of the case would stand."""
    texts = "".join(problem.detail.values())
    params = {name: "…" for _, name, _, _ in Formatter().parse(texts) if name}
    error = DomainError(problem.code, params=params)
    return problem_document(error, language="zh", trace_id="019aaf3e-5f00-7000-8000-000000000000")[1]


def problem_index() -> dict[str, Any]:
    """All of them."""
    return {"items": [problem_entry(code) for code in sorted(catalogue())]}


def problems_page() -> str:
    """All of them, by area."""
    groups: dict[str, list[Problem]] = {}
    for code in sorted(catalogue()):
        groups.setdefault(code.partition(".")[0], []).append(catalogue()[code])
    sections: list[Child] = []
    for area, problems in groups.items():
        head = tag("thead", tag("tr", [tag("th", word) for word in ("代码", "状态", "含义", "由谁处理")]))
        body = tag("tbody", map(_row, problems))
        sections += [tag("h2", area), tag("div", tag("table", head, body, class_="problems"), class_="table")]
    return document(
        f"问题代码 · {TITLE}",
        header((), "/problems"),
        tag(
            "main",
            tag("h1", both("问题代码", "Problems")),
            tag(
                "p",
                "每个出错应答的 type 指向这里的一页，说明含义、由谁处理、如何更正。无状态码的代码出现在 errors 的条目中。",
                class_="lead",
            ),
            sections,
        ),
    )


def problem_page(code: str) -> str:
    """One problem: what it means, who must act, how to mend it, and what it looks like."""
    problem = catalogue()[code]
    texts = [
        _text("含义", "Meaning", problem.detail),
        _text("如何更正", "How to mend it", problem.remedy),
    ]
    return document(
        f"{problem.title['zh']} · 问题代码",
        header((), "/problems"),
        tag(
            "main",
            tag("p", tag("a", "← 全部问题代码", href="/problems")),
            tag("h1", both(problem.title["zh"], problem.title["en"])),
            tag(
                "p",
                tag("code", code),
                " ",
                tag("span", _status(problem), class_="status"),
                " 由 ",
                tag("strong", _MENDERS[problem.actor][0]),
                f" 处理 · to be mended by the {_MENDERS[problem.actor][1]}",
                class_="lead",
            ),
            texts,
            _example(problem),
        ),
    )


def _row(problem: Problem) -> Markup:
    return tag(
        "tr",
        tag("td", tag("a", tag("code", problem.code), href=f"/problems/{problem.code}")),
        tag("td", tag("span", _status(problem), class_="status")),
        tag("td", problem.title["zh"], tag("br"), tag("span", problem.title["en"], class_="en", lang="en")),
        tag("td", _MENDERS[problem.actor][0]),
    )


def _status(problem: Problem) -> str:
    return "errors[]" if problem.kind is ProblemKind.FAULT else str(KIND_STATUS[problem.kind])


def _text(chinese: str, english: str, words: Any) -> Child:
    return [
        tag("h2", both(chinese, english)),
        tag("p", words["zh"]),
        tag("p", words["en"], class_="en", lang="en"),
    ]


def _example(problem: Problem) -> Child:
    if problem.kind is ProblemKind.FAULT:
        return None
    text = json.dumps(example_document(problem), ensure_ascii=False, indent=2)
    return [tag("h2", both("示例", "Example")), tag("pre", tag("code", text))]
