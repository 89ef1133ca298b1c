"""Schemes as callers import, edit and read them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from shared.kernel.web.fields import Reason, Strict
from shared.kernel.web.problems import Language
from shared.kits.schemes.tables import IndicatorScheme, SchemeVersion
from shared.scoring.rules.base import Rule
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.findings import Finding
from shared.scoring.scheme.tree import Branch, Leaf, Name, Scheme
from shared.terms.problem_catalogue import catalogue

MOST_CHARACTERS = 500_000
Text = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]


class DraftIn(Strict):
    """A whole document."""

    document: Text = Field(description="YAML 文本 / the YAML text")


class NodeIn(Strict):
    """A node in the words of the document: ``code, name, weight`` and ``children``, or what a leaf has."""

    content: dict[str, Any] = Field(
        examples=[{"code": "B1", "name": {"zh": "加强党建工作", "en": "Party building"}, "weight": 10, "children": []}]
    )


class NewNodeIn(NodeIn):
    """A node to be added, after those that its parent has already."""

    parent: str = Field(
        min_length=1, max_length=60, description="上级代码，或方案代码 / code of the parent or the scheme"
    )


class PublishIn(Strict):
    """Why a version is published."""

    reason: Reason


class SchemeOut(BaseModel):
    """A scheme: whether somebody is editing it, and its newest version."""

    code: str
    name: dict[str, str]
    of: str
    last_version: int | None
    has_draft: bool
    draft_from: int | None
    version: int
    updated_at: dt.datetime


class VersionOut(BaseModel):
    """A published version."""

    number: int
    sha256: str
    reason: str
    findings: list[Any]
    published_by: str
    published_at: dt.datetime


class VersionsOut(BaseModel):
    """Every version, newest first."""

    items: list[VersionOut]


class FindingOut(BaseModel):
    """Something found in a document; ``future_error`` will be an error one day."""

    level: str
    code: str
    line: int | None
    node: str | None
    detail: str
    remedy: str


class FindingsOut(BaseModel):
    """Everything found in a document."""

    can_be_published: bool
    items: list[FindingOut]


class RuleOut(BaseModel):
    """A rule with its parameters."""

    kind: str
    value_kind: str
    choices: list[str]
    caps_at: str | None
    parameters: dict[str, Any]


class NodeOut(BaseModel):
    """A node of the tree: with children, or a leaf with a rule."""

    code: str
    name: dict[str, str]
    weight: str
    document: str | None
    is_verified: bool
    children: list["NodeOut"]
    rule: RuleOut | None = None
    source: dict[str, str] | None = None
    evaluators: list[str] = []
    methods: list[str] = []
    evaluation_kind: str | None = None
    missing: str | None = None
    is_exam_derived: bool | None = None
    applies_to: dict[str, list[str]] = {}
    asks: int | None = None


class TreeOut(BaseModel):
    """A scheme as of a day."""

    code: str
    name: dict[str, str]
    of: str
    as_of: dt.date
    group_by: list[str]
    applies_to: dict[str, list[str]]
    grades: list[dict[str, Any]]
    leaf_count: int
    children: list[NodeOut]


class BuiltInOut(BaseModel):
    """A scheme that comes with the platform."""

    code: str
    name: dict[str, str]
    of: str
    leaf_count: int
    is_verified: bool
    adopted_version: int | None


class BuiltInsOut(BaseModel):
    """Every scheme that comes with the platform."""

    items: list[BuiltInOut]


def scheme_out(row: IndicatorScheme, last_version: int | None) -> SchemeOut:
    """A scheme as callers see it."""
    return SchemeOut(
        code=row.code,
        name={"zh": row.name_zh, "en": row.name_en},
        of=row.of,
        last_version=last_version,
        has_draft=row.draft is not None,
        draft_from=row.draft_from,
        version=row.version,
        updated_at=row.updated_at,
    )


def finding_out(finding: Finding, language: Language) -> FindingOut:
    """A finding in the reader's language."""
    problem = catalogue()[finding.code]
    return FindingOut(
        level=finding.level,
        code=finding.code,
        line=finding.line,
        node=finding.node,
        detail=problem.sentence(language, finding.params),
        remedy=problem.remedy[language],
    )


def version_out(row: SchemeVersion) -> VersionOut:
    """A version as callers see it."""
    return VersionOut(
        number=row.number,
        sha256=row.sha256,
        reason=row.reason,
        findings=row.findings,
        published_by=row.published_by,
        published_at=row.published_at,
    )


def tree_out(scheme: Scheme) -> TreeOut:
    """A scheme as a tree."""
    return TreeOut(
        code=scheme.code,
        name=_name(scheme.name),
        of=scheme.of,
        as_of=scheme.as_of,
        group_by=list(scheme.group_by),
        applies_to=_lists(scheme.applies_to.items()),
        grades=[
            {"grade": band.grade, "name": _name(band.name), "at_least": str(band.at_least)} for band in scheme.grades
        ],
        leaf_count=sum(1 for _ in scheme.leaves()),
        children=[_node(child) for child in scheme.children],
    )


def _node(node: Branch | Leaf) -> NodeOut:
    shared: dict[str, Any] = {
        "code": node.code,
        "name": _name(node.name),
        "weight": str(node.weight),
        "document": node.document,
        "is_verified": node.is_verified,
    }
    if isinstance(node, Branch):
        return NodeOut(**shared, children=[_node(child) for child in node.children])
    return NodeOut(
        **shared,
        children=[],
        rule=_rule(node.rule),
        source={"kind": node.source.kind, "key": node.source.key},
        evaluators=list(node.evaluators),
        methods=list(node.methods),
        evaluation_kind=node.evaluation_kind,
        missing=node.missing,
        is_exam_derived=node.is_exam_derived,
        applies_to=_lists(node.applies_to.items()),
        asks=node.asks,
    )


def _rule(rule: Rule) -> RuleOut:
    parameters = {field.name: _plain(getattr(rule, field.name)) for field in fields(rule) if field.name != "caps_at"}  # type: ignore[arg-type]
    return RuleOut(
        kind=rule.kind,
        value_kind=rule.value_kind,
        choices=list(rule.choices),
        caps_at=rule.caps_at,
        parameters=parameters,
    )


def _plain(value: Any) -> Any:
    """Exact numbers as text; sequences and mappings of them."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _lists(items: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in items}


def _name(name: Name) -> dict[str, str]:
    return {"zh": name.zh, "en": name.en}


def built_in_out(document: SchemeDocument, adopted_version: int | None) -> BuiltInOut:
    """A built-in scheme as callers see it."""
    return BuiltInOut(
        code=document.code,
        name=_name(document.name),
        of=document.of,
        leaf_count=sum(1 for _ in document.leaves()),
        is_verified=document.is_verified,
        adopted_version=adopted_version,
    )
