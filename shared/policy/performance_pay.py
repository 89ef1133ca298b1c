"""What the law says of a plan that shares performance pay, from dated data. Nobody can override a refusal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.exam_kinds import LegalRule
from shared.policy.schemes import refused_source, refused_words, rule_of_schemes

_FILE = Path(__file__).with_name("performance_pay.yaml")
_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class PayItem:
    """One thing that a plan pays by, as far as the law cares.

    Args:
        code: of the item or part.
        texts: everything that names it: its name, its tiers, the names of its figures.
        share: its share of what is shared, 0 to 1; ``None`` of a fixed item, which has a rate instead.
        source_kind: where its figures are from: ``roll_up``, ``records``, ``monitoring`` …; ``None`` without any.
        source_key: its name there.
        purpose: ``class_teacher``, ``after_school`` or another.
        is_exam_derived: whether its author says that it rests on results of exams.
        is_equal: whether everybody gets the same of it.
        title_spread: largest over smallest coefficient by professional title; ``None`` where titles play no part.
    """

    code: str
    texts: tuple[str, ...]
    share: Decimal | None
    source_kind: str | None = None
    source_key: str | None = None
    purpose: str | None = None
    is_exam_derived: bool = False
    is_equal: bool = False
    title_spread: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PayProposal:
    """A plan as far as the law cares.

    Args:
        as_of: the day; rules not in force on it are left out.
        pool_kind: ``incentive``, ``class_teacher`` or ``after_school``.
        name: of the plan.
        items: fixed items and parts.
        outside: reasons for which people stand outside it.
    """

    as_of: dt.date
    pool_kind: str
    name: str
    items: Sequence[PayItem]
    outside: frozenset[str]


@dataclass(frozen=True, slots=True)
class PayObjection:
    """What the law says against a plan.

    Args:
        code: a fault of the catalogue, ``pay_law.…`` or ``scheme_law.…``.
        item: code of the item; ``None`` for the plan as a whole.
        rule: what it rests on.
        is_refusal: whether the plan may not be used; otherwise it is told and may be.
        params: for its words; the rule among them.
    """

    code: str
    item: str | None
    rule: LegalRule
    is_refusal: bool
    params: Mapping[str, str]


def pay_plan_objections(proposal: PayProposal) -> tuple[PayObjection, ...]:
    """Everything the law says against a plan, refusals first; empty when it may be used."""
    entrance = list(_entrance(proposal))
    refused = {each.item for each in entrance}
    others = replace(proposal, items=[item for item in proposal.items if item.code not in refused])
    found = [*entrance, *_exams(others), *_apart(proposal), *_principal(proposal), *_spread(proposal)]
    in_force = [each for each in found if each.rule.in_force_from <= proposal.as_of]
    return tuple(sorted(in_force, key=lambda each: not each.is_refusal))


def congress_objection(*, entitled: int, present: int, in_favor: int) -> PayObjection | None:
    """What the law says against a vote of the congress of staff; ``None`` where it passed the plan.

    Args:
        entitled: all who may vote.
        present: of those, who were there.
        in_favor: votes for the plan.
    """
    rules = _content()["congress"]
    counts = {"entitled": str(entitled), "present": str(present), "in_favor": str(in_favor)}
    if not 0 < present <= entitled or not 0 <= in_favor <= present:
        return _objection("vote_impossible", _rule(rules["rule"]), None, counts)
    if present < Fraction(rules["present_least"]) * entitled:
        return _objection("no_quorum", _rule(rules["rule"]), None, {"least": rules["present_least"], **counts})
    if in_favor < Fraction(rules["in_favor_least"]) * entitled:
        return _objection("not_passed", _rule(rules["rule"]), None, {"least": rules["in_favor_least"], **counts})
    return None


def default_posting() -> Mapping[str, str]:
    """What is posted of a payment when its plan says nothing: ``formula`` and ``amounts``, to whom each."""
    posting: Mapping[str, str] = _content()["posting"]["value"]
    return posting


def _entrance(proposal: PayProposal) -> Iterator[PayObjection]:
    """Pay keyed to entrance exams: by the words and sources that schemes refuse, and by words of reward."""
    named = [(None, (proposal.name,)), *((item.code, item.texts) for item in proposal.items)]
    for code, texts in named:
        found = [*_scheme_words(texts), *_own_words(texts)]
        if found:
            rule, word = found[0]
            yield _objection("entrance_exams", rule, code, {"what": word})
    for item in proposal.items:
        rule_id = refused_source(item.source_kind or "", item.source_key or "", of="staff")
        if rule_id is not None:
            yield _objection("entrance_source", rule_of_schemes(rule_id), item.code, {"what": item.source_key or ""})


def _scheme_words(texts: Sequence[str]) -> Iterator[tuple[LegalRule, str]]:
    for text in texts:
        for language in ("zh", "en"):
            for rule_id, _, word in refused_words(text, language):
                yield rule_of_schemes(rule_id), word


def _own_words(texts: Sequence[str]) -> Iterator[tuple[LegalRule, str]]:
    for entry in _content()["refused_words"]:
        for text in texts:
            plain = _plain(text)
            hit = re.search(entry["zh"], plain) or re.search(entry["en"], text, re.IGNORECASE)
            if hit and not re.search(entry["unless"], text, re.IGNORECASE):
                yield _rule(entry["rule"]), hit.group()


def _exams(proposal: PayProposal) -> Iterator[PayObjection]:
    """Ordinary exam results: never a fixed rate, never all, and a share of the pool at the most."""
    derived = [item for item in proposal.items if _rests_on_exams(item)]
    for item in derived:
        if item.share is None:
            yield _objection(
                "exam_rate", _rule(_content()["exam_derived_most"]["rule"]), item.code, {"what": item.texts[0]}
            )
    share = sum((item.share for item in derived if item.share is not None), Decimal(0))
    cap = _content()["exam_derived_most"]
    names = ", ".join(item.code for item in derived if item.share is not None)
    if share >= _WHOLE:
        yield _objection("all_exam", _rule(_content()["all_exam"]["rule"]), None, {"items": names})
    elif share > Decimal(cap["value"]):
        figures = {"share": f"{share:.1%}", "most": f"{Decimal(cap['value']):.0%}"}
        yield _objection("exam_share", _rule(cap["rule"]), None, {"items": names, **figures})


def _rests_on_exams(item: PayItem) -> bool:
    words = _content()["exam_words"]
    by_words = any(
        (re.search(words["zh"], _plain(text)) or re.search(words["en"], text, re.IGNORECASE))
        and not re.search(words["unless"], text, re.IGNORECASE)
        for text in item.texts
    )
    from_exams = item.source_kind == "monitoring" and not (item.source_key or "").startswith("value_added")
    return item.is_exam_derived or from_exams or by_words


def _apart(proposal: PayProposal) -> Iterator[PayObjection]:
    """Class-teacher allowance as an item of its own, after-school pay in a pool of its own."""
    content = _content()
    apart, after = content["class_teacher_apart"], content["after_school_apart"]
    for item in proposal.items:
        if proposal.pool_kind != "class_teacher" and _says(item, "class_teacher_words"):
            is_apart = item.share is None and item.purpose == apart["purpose"]
            if not is_apart:
                yield _objection("class_teacher_apart", _rule(apart["rule"]), item.code)
        is_after_school = _says(item, "after_school_words") or item.purpose == after["kind"]
        if proposal.pool_kind != after["kind"] and is_after_school:
            yield _objection("after_school_apart", _rule(after["rule"]), item.code)


def _principal(proposal: PayProposal) -> Iterator[PayObjection]:
    needed = _content()["principal"]
    if proposal.pool_kind in needed["kinds"] and needed["reason"] not in proposal.outside:
        yield _objection("principal_inside", _rule(needed["rule"]), None)


def _spread(proposal: PayProposal) -> Iterator[PayObjection]:
    """What is told and may be: equal shares throughout, and titles that weigh much."""
    content = _content()
    parts = [item for item in proposal.items if item.share is not None]
    if proposal.pool_kind in content["egalitarian"]["kinds"] and parts and all(item.is_equal for item in parts):
        yield _objection("egalitarian", _rule(content["egalitarian"]["rule"]), None, is_refusal=False)
    most = content["title_spread_most"]
    for item in parts:
        if item.title_spread is not None and item.title_spread > Decimal(most["value"]):
            figures = {"spread": f"{item.title_spread:.2f}", "most": most["value"]}
            yield _objection("title_spread", _rule(most["rule"]), item.code, figures, is_refusal=False)


def _says(item: PayItem, words: str) -> bool:
    entry = _content()[words]
    return any(
        re.search(entry["zh"], _plain(text)) or re.search(entry["en"], text, re.IGNORECASE) for text in item.texts
    )


def _plain(text: str) -> str:
    return re.sub(r"[\s·•\-_/*“”\"'‘’《》\u200b]+", "", text)


def _objection(
    code: str, rule: LegalRule, item: str | None, params: Mapping[str, str] | None = None, *, is_refusal: bool = True
) -> PayObjection:
    cited = {"rule": f"{rule.id} {rule.title['zh']}", "rule_en": f"{rule.id} {rule.title['en']}"}
    return PayObjection(f"pay_law.{code}", item, rule, is_refusal, {"item": item or "-", **cited, **(params or {})})


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content


@cache
def _rule(rule_id: str) -> LegalRule:
    entry = _content()["rules"][rule_id]
    return LegalRule(rule_id, entry["title"], entry["in_force_from"], entry["verified"])
