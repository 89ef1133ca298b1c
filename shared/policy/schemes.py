"""What the law refuses in an indicator scheme, from dated data. Nobody can override it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from shared.policy.exam_kinds import LegalRule

_FILE = Path(__file__).with_name("schemes.yaml")
LANGUAGES = ("zh", "en")
WHOLE = 0.999999
"""A share of the total from which on it is all of it, whatever the noise of sums."""


class Item(Protocol):
    """A node of a scheme, as :class:`shared.scoring.scheme.items.SchemeItem` gives it."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> Mapping[str, str]:
        """In ``zh`` and ``en``."""

    @property
    def is_leaf(self) -> bool:
        """Whether it carries a value."""

    @property
    def source_kind(self) -> str | None:
        """Of a leaf."""

    @property
    def source_key(self) -> str | None:
        """Of a leaf."""

    @property
    def rule_kind(self) -> str | None:
        """Of a leaf."""

    @property
    def is_exam_derived(self) -> bool:
        """Of a leaf."""

    @property
    def is_observed_only(self) -> bool:
        """Of a leaf: shown, never scored."""


class Proposal(Protocol):
    """A scheme on a day, as :class:`shared.scoring.scheme.items.SchemeItems` gives it."""

    @property
    def of(self) -> str:
        """Who is judged."""

    @property
    def as_of(self) -> dt.date:
        """The day."""

    @property
    def name(self) -> Mapping[str, str]:
        """Of the scheme, in ``zh`` and ``en``."""

    @property
    def shows_total(self) -> bool:
        """Whether those judged see a total."""

    @property
    def items(self) -> Sequence[Item]:
        """Every node, parents first."""

    @property
    def leaf_shares(self) -> Sequence[Mapping[str, float]]:
        """Per kind of units, each leaf's share of their total."""


@dataclass(frozen=True, slots=True)
class SchemeObjection:
    """What the law says against a node.

    Args:
        code: a fault of the catalogue, ``scheme_law.…``.
        node: code of the node; ``None`` for the scheme as a whole.
        rule: what it rests on.
        params: for its words; the rule among them.
    """

    code: str
    node: str | None
    rule: LegalRule
    params: dict[str, str]


def scheme_objections(proposal: Proposal) -> tuple[SchemeObjection, ...]:
    """Every objection of the law to a scheme, each citing its rule; empty when it may be used.

    Args:
        proposal: the scheme as of a day; rules not in force on it are left out.
    """
    found = [*_by_source(proposal), *_by_words(proposal), *_by_share(proposal), *_towards_pupils(proposal)]
    found += _observed(proposal)
    return tuple(objection for objection in found if objection.rule.in_force_from <= proposal.as_of)


def attainment_objection(exam_kind: str) -> LegalRule | None:
    """The rule against means and rates of an exam as values of a scheme, for exams that decide admission; else ``None``.

    Value added is not attainment: ask for that without this.

    Args:
        exam_kind: of the kinds of ``shared.policy.exam_kinds``.
    """
    entrance = _content()["entrance_exams"]
    return _rules()[entrance["rule"]] if exam_kind in entrance["kinds"] else None


def refused_words(text: str, language: str) -> tuple[tuple[str, str, str], ...]:
    """Words in a name that the law refuses: rule, code of the refusal, word.

    Args:
        text: a name.
        language: ``zh`` or ``en``.
    """
    clauses = _clauses(text, language)
    return tuple(
        (entry["rule"], entry["code"], word)
        for entry in _content()["refused_words"]
        for clause in clauses
        if (word := _scored_word(clause, entry[language], language)) is not None
    )


def refused_source(kind: str, key: str, *, of: str) -> str | None:
    """Id of the rule that refuses a source of figures; ``None`` where it may be used.

    Args:
        kind: ``monitoring``, ``records`` and the like.
        key: its name there.
        of: who is judged by it: ``staff``, ``school``, ``student``.
    """
    refusing = (entry for entry in _content()["refused_sources"] if _is_refused(entry, kind, key.lower(), of))
    return next((str(entry["rule"]) for entry in refusing), None)


def rule_of_schemes(rule_id: str) -> LegalRule:
    """A rule of this file by its id; raises ``KeyError``."""
    return _rules()[rule_id]


def _is_refused(entry: Mapping[str, Any], kind: str, key: str, of: str) -> bool:
    concerned = kind in entry["kinds"] and of in entry.get("of", [of])
    spared = "unless" in entry and re.search(entry["unless"], key)
    return concerned and not spared and re.search(entry["pattern"], key) is not None


def _by_source(proposal: Proposal) -> Iterator[SchemeObjection]:
    for item in _scored(proposal):
        key = (item.source_key or "").lower()
        for entry in _content()["refused_sources"]:
            if _is_refused(entry, item.source_kind or "", key, proposal.of):
                yield _objection(entry["code"], entry["rule"], item.code, what=key)


def _by_words(proposal: Proposal) -> Iterator[SchemeObjection]:
    named = [(None, proposal.name), *((item.code, item.name) for item in proposal.items if not item.is_observed_only)]
    for node, name in named:
        seen: set[str] = set()
        for language in LANGUAGES:
            for rule, code, word in refused_words(name.get(language, ""), language):
                if code not in seen:
                    yield _objection(code, rule, node, what=word)
                seen.add(code)


def _by_share(proposal: Proposal) -> Iterator[SchemeObjection]:
    leaves = [item for item in proposal.items if item.is_leaf]
    for kind, cap in _content()["caps"].items():
        if proposal.of not in cap.get("of", [proposal.of]):
            continue
        codes = {item.code for item in leaves if _is_of_kind(item, kind, cap)}
        share = max((sum(shares.get(code, 0.0) for code in codes) for shares in proposal.leaf_shares), default=0.0)
        if kind == "exam_derived" and share >= WHOLE:
            yield _objection("all_exam", _content()["all_exam"]["rule"], None, what=cap["name"]["zh"])
        elif share > cap["most"] + 1e-9:
            params = {"what": cap["name"]["zh"], "what_en": cap["name"]["en"], "nodes": ", ".join(sorted(codes))}
            yield _objection(
                "share_too_large", cap["rule"], None, share=f"{share:.1%}", most=f"{cap['most']:.0%}", **params
            )


def _towards_pupils(proposal: Proposal) -> Iterator[SchemeObjection]:
    if proposal.of != "student":
        return
    pupils = _content()["pupils"]
    if proposal.shows_total:
        yield _objection("total_towards_pupils", pupils["rule"], None)
    for item in proposal.items:
        if item.rule_kind in pupils["refused_rule_kinds"]:
            yield _objection("pupils_ranked", pupils["rule"], item.code, what=item.rule_kind or "")


def _observed(proposal: Proposal) -> Iterator[SchemeObjection]:
    observation = _content()["observation"]
    for item in proposal.items:
        if item.is_observed_only and proposal.of not in observation["of"]:
            yield _objection("observed_below_city", observation["rule"], item.code)


def _scored(proposal: Proposal) -> list[Item]:
    return [item for item in proposal.items if item.is_leaf and not item.is_observed_only]


def _is_of_kind(item: Item, kind: str, cap: Mapping[str, Any]) -> bool:
    if kind == "exam_derived":
        from_exams = item.source_kind == "monitoring" and not re.search(cap["not_exam_derived"], item.source_key or "")
        return item.is_exam_derived or from_exams
    return any(
        _scored_word(clause, cap[language], language) is not None
        for language in LANGUAGES
        for clause in _clauses(item.name.get(language, ""), language)
    )


def _scored_word(clause: str, pattern: str, language: str) -> str | None:
    """The first word of a pattern that the clause holds without turning against it."""
    spared_by = _content()["spared_by"][language]
    for found in re.finditer(pattern, clause, re.IGNORECASE):
        before, after = clause[: found.start()], clause[found.end() :]
        turned = re.search(spared_by["before"], before, re.IGNORECASE)
        rest = before[turned.end() :] + after if turned else after
        is_spared = turned is not None or re.search(spared_by["after"], after, re.IGNORECASE)
        if not is_spared or re.search(spared_by["undone_by"], rest, re.IGNORECASE):
            return found.group()
    return None


def _clauses(text: str, language: str) -> list[str]:
    """A name in clauses, freed of what hides words: width, blanks and dots inside Chinese words, traditional characters."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    if language == "en":
        return [
            clause for clause in re.split(r"[,;.:()]|\b(?:but|and then)\b", " ".join(plain.split())) if clause.strip()
        ]
    plain = plain.translate(_SIMPLIFIED)
    plain = re.sub(r"[\s·•\-_/*“”\"'‘’《》]+", "", plain)
    return [clause for clause in re.split(r"[,，。;；:：()（）!?]|但是?|而是|并且|同时", plain) if clause]


_SIMPLIFIED = str.maketrans(
    "學線錄狀績標務數績級師範獎勵當線達過優論發稱號學歷", "学线录状绩标务数绩级师范奖励当线达过优论发称号学历"
)


def _objection(code: str, rule_id: str, node: str | None, **params: str) -> SchemeObjection:
    rule = _rules()[rule_id]
    cited = {"rule": f"{rule.id} {rule.title['zh']}", "rule_en": f"{rule.id} {rule.title['en']}"}
    return SchemeObjection(f"scheme_law.{code}", node, rule, {**cited, **params})


@cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return content


@cache
def _rules() -> Mapping[str, LegalRule]:
    return {
        rule_id: LegalRule(rule_id, entry["title"], entry["in_force_from"], entry["verified"])
        for rule_id, entry in _content()["rules"].items()
    }
