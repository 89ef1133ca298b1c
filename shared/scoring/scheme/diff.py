"""What differs between two schemes, or between two days of one, in words (docs/schemes.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.scoring.rules.base import Sentence, figure, percent
from shared.scoring.scheme.items import nominal_shares
from shared.scoring.scheme.tree import Branch, Leaf, Name, Scheme

Node = Branch | Leaf


class ChangeKind(StrEnum):
    """What changed."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    NAME = "name"
    WEIGHT = "weight"
    RULE = "rule"
    SOURCE = "source"
    EVALUATORS = "evaluators"
    METHODS = "methods"
    EVALUATION_KIND = "evaluation_kind"
    MISSING = "missing"
    APPLIES_TO = "applies_to"
    EXAM_DERIVED = "exam_derived"
    OBSERVED_ONLY = "observed_only"
    ASKS = "asks"
    GRADES = "grades"
    GROUP_BY = "group_by"
    SHOWS_TOTAL = "shows_total"


_WORDS: Mapping[ChangeKind, Sentence] = {
    ChangeKind.ADDED: Sentence("新增", "added"),
    ChangeKind.REMOVED: Sentence("删去", "removed"),
    ChangeKind.MOVED: Sentence("上级", "moved"),
    ChangeKind.NAME: Sentence("名称", "name"),
    ChangeKind.WEIGHT: Sentence("权重", "weight"),
    ChangeKind.RULE: Sentence("计分规则", "rule"),
    ChangeKind.SOURCE: Sentence("数据来源", "source"),
    ChangeKind.EVALUATORS: Sentence("评价主体", "evaluators"),
    ChangeKind.METHODS: Sentence("评价方式", "methods"),
    ChangeKind.EVALUATION_KIND: Sentence("评价类型", "kind of evaluation"),
    ChangeKind.MISSING: Sentence("缺数据时", "missing values"),
    ChangeKind.APPLIES_TO: Sentence("适用范围", "applies to"),
    ChangeKind.EXAM_DERIVED: Sentence("来自考试", "exam-derived"),
    ChangeKind.OBSERVED_ONLY: Sentence("只观察", "observed only"),
    ChangeKind.ASKS: Sentence("填报项数", "figures asked"),
    ChangeKind.GRADES: Sentence("等级", "grades"),
    ChangeKind.GROUP_BY: Sentence("分组", "groups"),
    ChangeKind.SHOWS_TOTAL: Sentence("呈现总分", "shows the total"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    Args:
        kind: what changed.
        node: code of the node; ``None`` for the scheme as a whole.
        name: of the node or scheme, as it is afterwards.
        before: what it was; ``None`` of what was added.
        after: what it is; ``None`` of what was removed.
    """

    kind: ChangeKind
    node: str | None
    name: Name
    before: Sentence | None = None
    after: Sentence | None = None

    @property
    def sentence(self) -> Sentence:
        """The change in words."""
        what = _WORDS[self.kind]
        code = "" if self.node is None else f"{self.node} "
        zh, en = f"{code}{self.name.zh}", f"{code}{self.name.en}"
        if self.before is None or self.after is None:
            shown = self.after or self.before or Sentence("", "")
            return Sentence(f"{what.zh} {zh}（{shown.zh}）", f"{what.en} {en} ({shown.en})")
        return Sentence(
            f"{zh}：{what.zh}由 {self.before.zh} 改为 {self.after.zh}",
            f"{en}: {what.en} from {self.before.en} to {self.after.en}",
        )


def scheme_changes(before: Scheme, after: Scheme) -> tuple[Change, ...]:
    """Everything that differs: what was removed first, then in the order of the later scheme.

    A node is the same where its code is. Weights are shown with the share of the total that they come to, so that a weight
    left alone beside changed siblings shows too.
    """
    old, new = _Placed(before), _Placed(after)
    found = [
        Change(kind=ChangeKind.REMOVED, node=code, name=node.name, before=old.weight(code))
        for code, node in old.nodes.items()
        if code not in new.nodes
    ]
    found += _scheme_level(before, after)
    for code, node in new.nodes.items():
        if code not in old.nodes:
            found.append(Change(kind=ChangeKind.ADDED, node=code, name=node.name, after=new.weight(code)))
            continue
        for kind, show in _FEATURES.items():
            was, is_now = show(old, code), show(new, code)
            if was != is_now:
                found.append(Change(kind=kind, node=code, name=node.name, before=was, after=is_now))
    return tuple(found)


class _Placed:
    """Nodes of a scheme by code, with parents and shares of the total."""

    def __init__(self, scheme: Scheme) -> None:
        self.nodes: dict[str, Node] = {}
        self.parents: dict[str, str] = {}
        for above, node in scheme.nodes():
            self.nodes[node.code] = node
            self.parents[node.code] = above[-1] if above else ""
        self.shares = nominal_shares(scheme)

    def weight(self, code: str) -> Sentence:
        weight, share = figure(self.nodes[code].weight), percent(self.shares.get(code, 0.0))
        return Sentence(f"{weight}（占总分 {share}）", f"{weight} ({share} of the total)")

    def leaf(self, code: str) -> Leaf | None:
        node = self.nodes[code]
        return node if isinstance(node, Leaf) else None


def _plain(text: str) -> Sentence:
    return Sentence(text or "—", text or "—")


def _of_leaf(show: Callable[[Leaf], str]) -> Callable[[_Placed, str], Sentence]:
    def shown(placed: _Placed, code: str) -> Sentence:
        leaf = placed.leaf(code)
        return _plain("" if leaf is None else show(leaf))

    return shown


def _rule(placed: _Placed, code: str) -> Sentence:
    leaf = placed.leaf(code)
    if leaf is None:
        return _plain("")
    words = leaf.rule.description
    return Sentence(f"{leaf.rule.kind}（{words.zh}）", f"{leaf.rule.kind} ({words.en})")


def _limits(limits: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name} {'/'.join(values)}" for name, values in limits.items())


_FEATURES: Mapping[ChangeKind, Callable[[_Placed, str], Sentence]] = {
    ChangeKind.MOVED: lambda placed, code: _plain(placed.parents[code]),
    ChangeKind.NAME: lambda placed, code: Sentence(placed.nodes[code].name.zh, placed.nodes[code].name.en),
    ChangeKind.WEIGHT: lambda placed, code: placed.weight(code),
    ChangeKind.RULE: _rule,
    ChangeKind.SOURCE: _of_leaf(lambda leaf: f"{leaf.source.kind.value}: {leaf.source.key}"),
    ChangeKind.EVALUATORS: _of_leaf(lambda leaf: ", ".join(leaf.evaluators)),
    ChangeKind.METHODS: _of_leaf(lambda leaf: ", ".join(leaf.methods)),
    ChangeKind.EVALUATION_KIND: _of_leaf(lambda leaf: leaf.evaluation_kind.value),
    ChangeKind.MISSING: _of_leaf(lambda leaf: leaf.missing.value),
    ChangeKind.APPLIES_TO: _of_leaf(lambda leaf: _limits(leaf.applies_to)),
    ChangeKind.EXAM_DERIVED: _of_leaf(lambda leaf: str(leaf.is_exam_derived).lower()),
    ChangeKind.OBSERVED_ONLY: _of_leaf(lambda leaf: str(leaf.is_observed_only).lower()),
    ChangeKind.ASKS: _of_leaf(lambda leaf: str(leaf.asks)),
}


def _scheme_level(before: Scheme, after: Scheme) -> Iterator[Change]:
    shown: Mapping[ChangeKind, Callable[[Scheme], Sentence]] = {
        ChangeKind.NAME: lambda scheme: Sentence(scheme.name.zh, scheme.name.en),
        ChangeKind.GRADES: lambda scheme: _plain(
            ", ".join(f"{band.grade} ≥ {figure(band.at_least)}" for band in scheme.grades)
        ),
        ChangeKind.GROUP_BY: lambda scheme: _plain(", ".join(scheme.group_by)),
        ChangeKind.APPLIES_TO: lambda scheme: _plain(_limits(scheme.applies_to)),
        ChangeKind.SHOWS_TOTAL: lambda scheme: _plain(str(scheme.shows_total).lower()),
    }
    for kind, show in shown.items():
        was, is_now = show(before), show(after)
        if was != is_now:
            yield Change(kind=kind, node=None, name=after.name, before=was, after=is_now)
