"""HTML without a template engine: every text is escaped unless it is markup already."""

from __future__ import annotations

import html
from collections.abc import Iterable


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | Markup | Iterable["Child"] | None
_VOID = frozenset({"meta", "link", "input", "br", "hr"})


def tag(element: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """An element; ``class_`` and ``for_`` stand for the reserved words, underscores for hyphens."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(value)}"')
        for key, value in attributes.items()
        if (value is not None and not isinstance(value, bool)) or value is True
    )
    return Markup(f"<{element}{written}>" + ("" if element in _VOID else f"{render(children)}</{element}>"))


def render(child: Child) -> Markup:
    """Children as markup, in order."""
    if child is None:
        return Markup("")
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return Markup(html.escape(child))
    return Markup("".join(map(render, child)))


def both(chinese: str, english: str) -> Markup:
    """A heading's words: Chinese first, English second and quieter."""
    return render([chinese, " ", tag("span", english, class_="en", lang="en")])


TITLE = "教育质量评价与监测平台"


def header(services: Iterable[str], current: str) -> Markup:
    """The band on top of every page; ``current`` is the path of the page one is on."""
    links = [("总览", "/api/docs"), *((name, f"/api/docs/{name}") for name in services), ("问题代码", "/problems")]
    return tag(
        "header",
        tag("a", TITLE, tag("small", "API"), href="/api/docs", class_="brand"),
        tag("nav", [tag("a", name, href=to, aria_current="page" if to == current else None) for name, to in links]),
    )


def document(title: str, *body: Child, script: bool = False) -> str:
    """A whole HTML page with the site's style."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("link", rel="stylesheet", href="/api/docs/style.css"),
        tag("link", rel="icon", href="data:,"),
        tag("script", src="/api/docs/search.js", defer=True) if script else None,
    )
    return "<!doctype html>\n" + tag("html", head, tag("body", *body), lang="zh-CN")
