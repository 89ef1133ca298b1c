"""Pure decisions about papers: what is wrong with one, what its items mean to the analysis, what an answer is worth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import combinations
from typing import Any

from services.monitoring.exams.rules import ExamState
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.plan import RESERVED
from shared.scoring.subjects import TOTAL


class ItemKind(StrEnum):
    """Kinds of items."""

    CHOICE = "choice"
    MULTIPLE_CHOICE = "multiple_choice"
    CONSTRUCTED = "constructed"


class PartialCredit(StrEnum):
    """What a right but incomplete answer to an item with several right letters is worth."""

    NONE = "none"
    FLAT = "flat"
    PROPORTIONAL = "proportional"


#: Until a school's items have arrived the paper may be changed; afterwards only a wrong key can be corrected.
EDITABLE = frozenset({ExamState.DRAFT, ExamState.COLLECTING})
#: States in which a corrected key leads back to the analysis; before them it has not been, after them nothing changes.
COMPUTED = frozenset({ExamState.PUBLISHED, ExamState.WITHDRAWN, ExamState.ARCHIVED})
OPTION_HEADER = "_option"
#: Letters of an item with several right ones: every pattern of them is one answer (127 of seven).
MOST_LETTERS = 7
_RESERVED = RESERVED | {TOTAL, "status", "row"}
_OPTION = re.compile(r"^[A-Z0-9]{1,8}$")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a paper.

    Args:
        code: fault code of the catalogue.
        position: the item, counted from 0, or ``None`` for the paper.
        about: what of the item.
        params: values of the sentence.
    """

    code: str
    position: int | None = None
    about: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)


def findings(content: Mapping[str, Any], subject: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything wrong with a paper.

    Args:
        content: the paper.
        subject: the subject in the exam's definition.
    """
    items: Sequence[Mapping[str, Any]] = content["items"]
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        code = item["code"]
        if code in seen:
            yield Finding("paper.item_twice", position, "code", {"first": seen[code] + 1})
        seen.setdefault(code, position)
        if code in _RESERVED or "__" in code or code.endswith(OPTION_HEADER):
            yield Finding("paper.item_reserved", position, "code")
        yield from _mark_findings(item, position, subject)
        yield from _answer_findings(item, position, must_have_key=content["marks_from_options"])
        for name in ("knowledge_points", "competencies"):
            for twice in (entry for entry, count in Counter(item[name]).items() if count > 1):
                yield Finding("paper.named_twice", position, name, {"name": twice})
    total = sum((Decimal(item["full_mark"]) for item in items), Decimal(0))
    if total != Decimal(subject["full_mark"]):
        yield Finding("paper.sum_differs", params={"sum": str(total), "full_mark": subject["full_mark"]})


def _mark_findings(item: Mapping[str, Any], position: int, subject: Mapping[str, Any]) -> Iterator[Finding]:
    full, step = Fraction(item["full_mark"]), Fraction(item["step"])
    if full <= 0 or step <= 0:
        yield Finding("paper.mark_not_positive", position, "full_mark" if full <= 0 else "step")
        return
    if full % step:
        yield Finding("paper.off_grid", position, "full_mark", {"step": item["step"]})
    if step % Fraction(subject["step"]):
        yield Finding("paper.step_too_fine", position, "step", {"step": subject["step"]})
    if item["kind"] == ItemKind.MULTIPLE_CHOICE and item["key"]:
        if item["partial_credit"] == PartialCredit.FLAT and item["partial_mark"] is None:
            yield Finding("paper.partial_mark_missing", position, "partial_mark")
            return
        worth = [_partial(item, count) for count in range(1, len(item["key"]))]
        if any(mark % step or mark >= full for mark in worth):
            yield Finding("paper.partial_off_grid", position, "partial_credit", {"step": item["step"]})


def _answer_findings(item: Mapping[str, Any], position: int, *, must_have_key: bool) -> Iterator[Finding]:
    options, key, kind = item["options"], item["key"], item["kind"]
    if kind == ItemKind.CONSTRUCTED:
        if options or key:
            yield Finding("paper.options_not_taken", position, "options" if options else "key")
        return
    if not options and not key:
        if must_have_key:
            yield Finding("paper.key_missing", position, "key")
        return
    if len(options) < 2:
        yield Finding("paper.options_missing", position, "options")
    for twice in (option for option, count in Counter(options).items() if count > 1):
        yield Finding("paper.named_twice", position, "options", {"name": twice})
    several = kind == ItemKind.MULTIPLE_CHOICE
    if any(not _OPTION.match(option) or (several and len(option) > 1) for option in options):
        yield Finding("paper.option_unreadable", position, "options")
    if several and len(options) > MOST_LETTERS:
        yield Finding("paper.too_many_options", position, "options", {"most": MOST_LETTERS})
    if not key:
        yield Finding("paper.key_missing", position, "key")
    elif not is_answer(item, key):
        yield Finding("paper.key_unknown", position, "key", {"options": ", ".join(options)})


def is_answer(item: Mapping[str, Any], answer: str) -> bool:
    """Whether an answer is among those a candidate can give to an item."""
    if item["kind"] == ItemKind.MULTIPLE_CHOICE:
        letters = list(answer)
        return bool(letters) and sorted(set(letters)) == letters and set(letters) <= set(item["options"])
    return answer in item["options"]


def answers(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Every answer to an item, in the order of positions stored: its options, or every pattern of its letters."""
    options = tuple(item["options"])
    if item["kind"] != ItemKind.MULTIPLE_CHOICE:
        return options
    letters = sorted(options)
    return tuple("".join(some) for size in range(1, len(letters) + 1) for some in combinations(letters, size))


def chosen_items(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Items whose chosen answer is recorded."""
    return [item for item in content["items"] if item["options"]]


def marked_items(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Items whose mark is sent, and not derived from the chosen answer."""
    return [item for item in content["items"] if not (content["marks_from_options"] and item["options"])]


def derived_items(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Items whose mark follows from the chosen answer and the key."""
    return chosen_items(content) if content["marks_from_options"] else []


def units_by_position(item: Mapping[str, Any]) -> dict[int, int]:
    """What each answer to an item is worth in its grid units, by the answer's position; worthless ones are absent."""
    step = Fraction(item["step"])
    worth = {position: _worth(item, answer) / step for position, answer in enumerate(answers(item))}
    return {position: int(units) for position, units in worth.items() if units}


def _worth(item: Mapping[str, Any], answer: str) -> Fraction:
    if answer == item["key"]:
        return Fraction(item["full_mark"])
    if item["kind"] == ItemKind.MULTIPLE_CHOICE and set(answer) < set(item["key"]):
        return _partial(item, len(answer))
    return Fraction(0)


def _partial(item: Mapping[str, Any], letters: int) -> Fraction:
    match PartialCredit(item["partial_credit"]):
        case PartialCredit.NONE:
            return Fraction(0)
        case PartialCredit.FLAT:
            return Fraction(item["partial_mark"] or 0)
        case PartialCredit.PROPORTIONAL:
            return Fraction(item["full_mark"]) * letters / len(item["key"])


def item_plan(subject: str, content: Mapping[str, Any], *, min_n: int) -> ItemPlan:
    """The plan that a paper means to the analysis of its items.

    Raises:
        DomainError: ``scoring.plan_invalid`` with every contradiction.
    """
    return ItemPlan(
        subject=subject,
        min_n=min_n,
        items=tuple(
            Item(
                item["code"],
                Decimal(item["full_mark"]),
                Decimal(item["step"]),
                knowledge_points=tuple(item["knowledge_points"]),
                competencies=tuple(item["competencies"]),
                cognitive_level=item.get("cognitive_level"),
                question_type=item.get("question_type"),
                options=answers(item),
                key=item["key"] if item["options"] else None,
            )
            for item in content["items"]
        ),
    )


def with_key(content: Mapping[str, Any], code: str, key: str) -> dict[str, Any]:
    """The paper with another key of one item."""
    items = [{**item, "key": key} if item["code"] == code else item for item in content["items"]]
    return {**content, "items": items}
