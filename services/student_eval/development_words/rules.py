"""Pure decisions about what is said of pupils: who says what, when, of whom, and what is refused row by row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from services.student_eval.development_terms.rules import DevelopmentState
from shared.policy.student_development import development_policy
from shared.scoring.scheme.tree import Leaf
from shared.terms.errors import DomainError, Fault


class WordSource(StrEnum):
    """Whose word it is, where it is known; what classmates say is kept without a name."""

    CLASS_TEACHER = "class_teacher"
    SELF = "self"
    GUARDIANS = "guardians"


PEERS = "peers"
_RECORDING, _JUDGING = DevelopmentState.RECORDING, DevelopmentState.JUDGING
#: When each may speak: the class teacher last, having read what the others wrote.
TIMES: Mapping[str, tuple[DevelopmentState, ...]] = {
    WordSource.CLASS_TEACHER: (_RECORDING, _JUDGING),
    WordSource.SELF: (_RECORDING,),
    WordSource.GUARDIANS: (_RECORDING,),
    PEERS: (_RECORDING,),
}


def require_asked(source: str, grade_level: int, asked: Collection[str]) -> None:
    """Raises ``development.too_young`` in grades in which a source is not asked, ``development.not_asked`` by a scheme."""
    first = development_policy().sources[source].from_grade
    if grade_level < first:
        raise DomainError("development.too_young", params={"source": source, "grade": first})
    if not asked:
        raise DomainError("development.not_asked", params={"source": source})


def word_fault(
    leaf: str, level: str | None, leaves: Mapping[str, Leaf], asked: Collection[str], *, at: str
) -> Fault | None:
    """Why a word does not fit its checkpoint.

    Args:
        leaf: code of the checkpoint.
        level: what was said; ``None`` takes a word back.
        leaves: checkpoints of the scheme.
        asked: those that the source is asked of.
        at: where the word stands in the body.
    """
    if leaf not in leaves:
        return Fault("development.leaf_unknown", pointer=f"{at}/leaf", params={"leaf": leaf})
    if leaf not in asked:
        return Fault("development.leaf_not_asked", pointer=f"{at}/leaf", params={"leaf": leaf})
    choices = leaves[leaf].rule.choices
    if level is not None and level not in choices:
        allowed = ", ".join(choices)
        return Fault("development.level_unknown", pointer=f"{at}/level", allowed=allowed, params={"allowed": allowed})
    return None


def require_group(members: Sequence[str], students: Collection[str], taken: Mapping[str, str], *, code: str) -> None:
    """Whether classmates can make a group.

    Args:
        members: pseudonyms, in the order of the body.
        students: the class.
        taken: pupils of the class's groups, with the group they are in.
        code: of this group.

    Raises:
        DomainError: ``development.group_size``; ``request.invalid`` with everybody who is no pupil of the class or in
            another group.
    """
    policy = development_policy()
    least, most = policy.sources[PEERS].least + 1, policy.most_in_peer_group
    if not least <= len(set(members)) <= most:
        raise DomainError("development.group_size", params={"least": least, "most": most})
    faults = []
    for place, key in enumerate(members):
        if key not in students:
            faults.append(Fault("development.not_in_class", pointer=f"/members/{place}"))
        elif taken.get(key, code) != code:
            faults.append(
                Fault("development.in_other_group", pointer=f"/members/{place}", params={"group": taken[key]})
            )
    if faults:
        raise DomainError("request.invalid", faults=faults)
