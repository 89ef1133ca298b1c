"""What a scheme makes of its units, plainly enough for the law to judge: every node with its share of the total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from shared.scoring.scheme.tree import Branch, Leaf, Name, Scheme

ELSEWHERE = ""
"""A value of an attribute that no leaf names."""
MOST_KINDS_OF_UNITS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeItem:
    """One node.

    Args:
        code: its code.
        name: in ``zh`` and ``en``.
        is_leaf: whether it carries a value.
        share: its largest share of the total, 0 to 1, over all kinds of units that the scheme tells apart.
        source_kind: of a leaf.
        source_key: of a leaf.
        rule_kind: of a leaf.
        is_exam_derived: of a leaf.
        is_observed_only: of a leaf.
    """

    code: str
    name: Mapping[str, str]
    is_leaf: bool
    share: float
    source_kind: str | None = None
    source_key: str | None = None
    rule_kind: str | None = None
    is_exam_derived: bool = False
    is_observed_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeItems:
    """A scheme on a day.

    Args:
        of: who is judged.
        as_of: the day.
        name: of the scheme.
        shows_total: whether those judged see a total.
        items: every node, parents first.
        leaf_shares: per kind of units that the scheme tells apart, each leaf's share of their total; leaves that do not
            apply to them are not there.
    """

    of: str
    as_of: dt.date
    name: Mapping[str, str]
    shows_total: bool
    items: tuple[SchemeItem, ...]
    leaf_shares: tuple[Mapping[str, float], ...]


def scheme_items(scheme: Scheme) -> SchemeItems:
    """The nodes of a scheme with their shares of the total."""
    kinds = [dict(_node_shares(scheme.children, 1.0, unit)) for unit in kinds_of_units(scheme)]
    leaves = {leaf.code for leaf in scheme.leaves()}
    items = []
    for _, node in scheme.nodes():
        share = max((shares.get(node.code, 0.0) for shares in kinds), default=0.0)
        items.append(_item(node, share))
    return SchemeItems(
        of=scheme.of.value,
        as_of=scheme.as_of,
        name=_words(scheme.name),
        shows_total=scheme.shows_total,
        items=tuple(items),
        leaf_shares=tuple({code: share for code, share in shares.items() if code in leaves} for shares in kinds),
    )


def nominal_shares(scheme: Scheme) -> Mapping[str, float]:
    """Each node's share of the total where every leaf applies and has a value; nodes without marks are not there."""
    return dict(_node_shares(scheme.children, 1.0, None))


def kinds_of_units(scheme: Scheme) -> list[dict[str, str]]:
    """Combinations of the attribute values by which leaves are limited, and of others; at most 512 of them."""
    named: dict[str, dict[str, None]] = {}
    for leaf in scheme.leaves():
        for attribute, values in leaf.applies_to.items():
            named.setdefault(attribute, {}).update(dict.fromkeys(values))
    choices: list[list[str]] = []
    for attribute, found in named.items():
        limited = scheme.applies_to.get(attribute)
        kinds = [value for value in found if limited is None or value in limited]
        if limited is None or set(limited) - set(found):
            kinds.append(ELSEWHERE)
        choices.append(kinds)
    combinations = product(*choices)
    return [
        dict(zip(named, combination, strict=True))
        for combination, _ in zip(combinations, range(MOST_KINDS_OF_UNITS), strict=False)
    ]


def _node_shares(
    children: tuple[Branch | Leaf, ...], share: float, unit: Mapping[str, str] | None
) -> Iterator[tuple[str, float]]:
    counting = [child for child in children if _counts(child, unit)]
    whole = sum(float(child.weight) for child in counting)
    for child in counting:
        own = share * float(child.weight) / whole
        yield child.code, own
        if isinstance(child, Branch):
            yield from _node_shares(child.children, own, unit)


def _counts(node: Branch | Leaf, unit: Mapping[str, str] | None) -> bool:
    if isinstance(node, Branch):
        return node.weight > 0 and any(_counts(child, unit) for child in node.children)
    applies = unit is None or all(unit.get(attribute) in values for attribute, values in node.applies_to.items())
    return node.weight > 0 and applies and node.rule.caps_at is None and not node.is_observed_only


def _item(node: Branch | Leaf, share: float) -> SchemeItem:
    if isinstance(node, Branch):
        return SchemeItem(code=node.code, name=_words(node.name), is_leaf=False, share=share)
    return SchemeItem(
        code=node.code,
        name=_words(node.name),
        is_leaf=True,
        share=share,
        source_kind=node.source.kind.value,
        source_key=node.source.key,
        rule_kind=node.rule.kind,
        is_exam_derived=node.is_exam_derived,
        is_observed_only=node.is_observed_only,
    )


def _words(name: Name) -> Mapping[str, str]:
    return {"zh": name.zh, "en": name.en}
