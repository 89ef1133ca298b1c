"""Why a pool cannot be shared, in the catalogue's words with the figures that clash."""

from __future__ import annotations

from collections.abc import Sequence

from services.teacher_eval.money import yuan
from shared.scoring.allocation.refusals import Refusal, RefusalReason
from shared.terms.errors import Fault

#: People named of each clash; all are counted.
LISTED = 50
_IMPOSSIBLE = frozenset({RefusalReason.POOL_NEGATIVE, RefusalReason.POOL_UNKNOWN, RefusalReason.MEMBER_TWICE})


def clash_faults(refusals: Sequence[Refusal], names: dict[str, str] | None = None) -> list[Fault]:
    """Clashes as faults.

    Args:
        refusals: what the core found.
        names: names of items, parts and columns as people know them.

    Raises:
        ValueError: on a clash that the database rules out.
    """
    return [_fault(refusal, names or {}) for refusal in refusals]


def _fault(refusal: Refusal, names: dict[str, str]) -> Fault:
    if refusal.reason in _IMPOSSIBLE:
        raise ValueError(f"{refusal.reason} of {refusal.pool} cannot happen here")
    figures = {name.removesuffix("_fen"): yuan(value) for name, value in refusal.figures.items()}
    whole = [value for name, value in refusal.figures.items() if name.endswith("_fen")]
    if len(whole) == 2:
        figures["difference"] = yuan(abs(whole[0] - whole[1]))
    keys = ", ".join(refusal.staff_keys[:LISTED])
    params = {
        "part": names.get(refusal.part or "", refusal.part or "-"),
        "column": names.get(refusal.column or "", refusal.column or "-"),
        "staff_keys": keys + (" …" if len(refusal.staff_keys) > LISTED else ""),
        "count": len(refusal.staff_keys),
        **figures,
    }
    return Fault(f"pay_clash.{refusal.reason.value}", value=refusal.part, params=params)
