"""The documentation: a guide to the first successful call, and each service's operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.pages.about import About
from gateway.pages.markup import TITLE, Child, Markup, both, document, header, tag
from gateway.pages.openapi import operations_of
from gateway.pages.operation_view import operation_section


def guide_page(about: About, joined: dict[str, Any], missing: Sequence[str]) -> str:
    """The first page: token, load order, conventions, and an index of every operation."""
    services = [entry["name"] for entry in joined["tags"]]
    return document(
        f"接口文档 · {TITLE}",
        header(services, "/api/docs"),
        tag(
            "main",
            _intro(about),
            _notice(missing),
            _token(about),
            _load_order(about),
            _conventions(),
            _index(joined),
        ),
        _footer(about),
        script=True,
    )


def service_page(about: About, joined: dict[str, Any], service: str, services: Sequence[str]) -> str:
    """Every operation of one service."""
    description = next(entry["description"] for entry in joined["tags"] if entry["name"] == service)
    sections: list[Child] = []
    for group, entries in _grouped(joined).items():
        sections.append(tag("h2", group, id=f"group-{group}"))
        sections += [
            operation_section(method, path, operation, joined["components"]) for method, path, operation in entries
        ]
    return document(
        f"{description} · 接口文档",
        header(services, f"/api/docs/{service}"),
        tag(
            "main",
            tag("h1", description),
            tag(
                "p",
                "OpenAPI 3.1: ",
                tag("a", f"/api/openapi/{service}.json", href=f"/api/openapi/{service}.json"),
                class_="lead",
            ),
            _search(),
            sections,
        ),
        _footer(about),
        script=True,
    )


def _footer(about: About) -> Markup:
    return tag(
        "footer",
        f"API {about.api_version} · build {about.build} · ",
        tag("a", "/api", href="/api"),
        " · ",
        tag("a", "/api/openapi.json", href="/api/openapi.json"),
    )


def _search() -> Markup:
    return tag(
        "p",
        tag("input", type="search", id="search", placeholder="搜索接口：路径、名称、说明", aria_label="Search"),
        tag("span", id="found", role="status"),
        class_="search",
    )


def _intro(about: About) -> Child:
    return [
        tag("h1", both("接口文档", "API documentation")),
        tag(
            "p",
            "学校系统由此报送名册与成绩，省级平台由此提取已发布的结果。所有接口只接受登记过的字段，"
            "出错时一次列出全部问题，并指明行、列和应由谁处理。",
            class_="lead",
        ),
        tag(
            "p",
            "Systems of schools push rosters and marks here; the provincial platform pulls published results. "
            "Start with the discovery document ",
            tag("a", about.address("/api"), href="/api"),
            ".",
            class_="en",
            lang="en",
        ),
    ]


def _notice(missing: Sequence[str]) -> Child:
    if not missing:
        return None
    return tag("p", f"暂时无法读取以下服务的接口：{'、'.join(missing)}。", class_="notice")


def _token(about: About) -> Child:
    base = about.public_base_url or "http://127.0.0.1:8000"
    ask = (
        f"curl -s {base.rstrip('/')}{about.token_path} \\\n"
        "  -u '<client_id>:<client_secret>' \\\n"
        "  -d grant_type=client_credentials"
    )
    answer = '{"access_token": "eyJ…", "token_type": "Bearer", "expires_in": 600, "scope": "…"}'
    use = (
        "TOKEN=eyJ…\n"
        f"curl -s {base.rstrip('/')}/api/v1/roster/schools?page_size=10 \\\n"
        '  -H "Authorization: Bearer $TOKEN"'
    )
    return tag(
        "section",
        tag("h2", both("一、取得令牌", "Get a token")),
        tag(
            "p",
            "主管单位为每个系统登记一个客户端并给出密钥。用客户端凭据换取访问令牌；"
            "令牌有效期不超过 30 分钟，过期后重新换取。",
        ),
        tag("pre", tag("code", ask)),
        tag("pre", tag("code", answer), class_="answer"),
        tag("p", "以后每次请求都带上令牌。"),
        tag("pre", tag("code", use)),
        id="token",
    )


def _load_order(about: About) -> Child:
    steps = [
        tag(
            "li",
            tag("strong", step.chinese),
            " ",
            tag("span", step.resource, class_="en", lang="en"),
            tag("br"),
            tag("code", step.address),
        )
        for step in about.load_order
    ]
    return tag(
        "section",
        tag("h2", both("二、装载顺序", "Load order")),
        tag("p", "后面的数据引用前面的数据，请按此顺序报送。重复报送同一内容是安全的：按自然键更新，不会产生重复。"),
        tag("ol", steps, class_="steps"),
        id="load-order",
    )


_CONVENTIONS = (
    ("写入", "PUT 到自然键即新增或更新（201 / 200）；大批量用 :batch 或文件导入，可先用 dry_run 检查。"),
    ("幂等", "POST 带 Idempotency-Key；网络中断后用同一键重试，得到第一次的结果，保留 7 天。"),
    ("并发", "读取时得到 ETag，修改时放入 If-Match；他人已改则 412。"),
    ("翻页", "应答中有 next_cursor 就作为 cursor 继续，没有即为最后一页；page_size 最大 1000。"),
    ("增量", "GET …/changes?after=序号 依次给出新增、修改与删除，不遗漏。"),
    ("出错", "application/problem+json，一次列出全部错误；按 Accept-Language 给出中文或英文。"),
    ("限额", "超过限额应答 429 与 Retry-After；RateLimit 头给出余额。正文 2 MiB，批量 16 MiB，文件 64 MiB。"),
    ("编号", "X-Request-ID 可由您给出，原样返回；报障时请提供。"),
)


def _conventions() -> Child:
    return tag(
        "section",
        tag("h2", both("三、通用约定", "Conventions")),
        tag("dl", [[tag("dt", name), tag("dd", text)] for name, text in _CONVENTIONS], class_="conventions"),
        id="conventions",
    )


def _index(joined: dict[str, Any]) -> Child:
    rows = []
    for path, item in sorted(joined["paths"].items()):
        for method, operation in operations_of(item):
            service = operation["tags"][0]
            title = str(operation.get("summary") or operation["operationId"])
            rows.append(
                tag(
                    "li",
                    tag(
                        "a",
                        tag("span", method.upper(), class_=f"method {method}"),
                        tag("code", path, class_="path"),
                        tag("span", title, class_="title"),
                        href=f"/api/docs/{service}#{operation['operationId']}",
                    ),
                    data_search=f"{method} {path} {title} {service}".lower(),
                )
            )
    return tag(
        "section",
        tag("h2", both("四、全部接口", "All operations")),
        _search(),
        tag("ul", rows, class_="index"),
        id="operations",
    )


def _grouped(joined: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Operations by their second tag, or by the collection their path names."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in joined["paths"].items():
        for method, operation in operations_of(item):
            segments = path.strip("/").split("/")
            collection = segments[3].partition(":")[0] if path.startswith("/api/v1/") and len(segments) > 3 else path
            group = operation["tags"][1] if len(operation["tags"]) > 1 else collection
            groups.setdefault(str(group), []).append((method, path, operation))
    return groups
