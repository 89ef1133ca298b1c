"""Pure decisions about results: how a pupil changed against oneself, and what follows from own records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.scoring.rules.levels import Levels
from shared.scoring.scheme.tree import Branch, Leaf, Scheme
from shared.terms.errors import DomainError


class Change(StrEnum):
    """A grade against the same pupil's grade of the term before."""

    RISEN = "risen"
    HELD = "held"
    FALLEN = "fallen"


class AdviceKind(StrEnum):
    """What advice follows from."""

    FALLEN = "fallen"
    NO_RECORDS = "no_records"
    NOT_DESCRIBED = "not_described"
    RISEN = "risen"


@dataclass(frozen=True, slots=True)
class Advice:
    """A piece of advice on an indicator."""

    kind: AdviceKind
    node: str


def ladder_of(scheme: Scheme, node: Branch | Leaf) -> tuple[str, ...]:
    """Grades a node can have, best first."""
    if isinstance(node, Leaf) and isinstance(node.rule, Levels):
        return node.rule.choices
    return tuple(band.grade for band in scheme.grades)


def change_of(before: str | None, now: str | None, ladder: Sequence[str]) -> Change | None:
    """How a grade changed; ``None`` where one of them is missing or of another ladder."""
    if before not in ladder or now not in ladder or before is None or now is None:
        return None
    step = ladder.index(before) - ladder.index(now)
    return Change.HELD if step == 0 else Change.RISEN if step > 0 else Change.FALLEN


def changes_of(scheme: Scheme, before: Mapping[str, str] | None, now: Mapping[str, str]) -> dict[str, Change]:
    """By node how a pupil changed since the term before, of nodes that have a grade in both."""
    found = {}
    for _, node in scheme.nodes() if before is not None else ():
        change = change_of((before or {}).get(node.code), now.get(node.code), ladder_of(scheme, node))
        if change is not None:
            found[node.code] = change
    return found


def indicators_of(scheme: Scheme) -> Iterator[Branch]:
    """The indicators: what dimensions are made of."""
    return (node for above, node in scheme.nodes() if len(above) == 1 and isinstance(node, Branch))


def advice_of(
    scheme: Scheme, before: Mapping[str, str] | None, now: Mapping[str, str], records: Mapping[str, int]
) -> list[Advice]:
    """What a pupil is advised, from own grades and records alone.

    Args:
        scheme: of the last term.
        before: grades of the term before, by node.
        now: grades of the last term.
        records: number of own records of the last term, by indicator.

    Returns:
        Fallen indicators first, then those without a record or a grade, then those that rose; each in the scheme's order.
    """
    changes = changes_of(scheme, before, now)
    found = []
    for indicator in indicators_of(scheme):
        code = indicator.code
        if changes.get(code) is Change.FALLEN:
            found.append(Advice(AdviceKind.FALLEN, code))
        elif changes.get(code) is Change.RISEN:
            found.append(Advice(AdviceKind.RISEN, code))
        if code not in now:
            found.append(Advice(AdviceKind.NOT_DESCRIBED, code))
        elif not records.get(code):
            found.append(Advice(AdviceKind.NO_RECORDS, code))
    order = list(AdviceKind)
    return sorted(found, key=lambda advice: order.index(advice.kind))


def require_complete(students: int, judged: int, commented: int, accept_reason: str | None) -> None:
    """Raises ``development.incomplete`` where pupils lack a judgement or a comment and nobody says why that may be."""
    missing = {"without_judgement": students - judged, "without_comment": students - commented}
    if accept_reason is None and any(missing.values()):
        raise DomainError("development.incomplete", params=missing)
