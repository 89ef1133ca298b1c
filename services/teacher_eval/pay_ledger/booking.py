"""Entries of a correction: what one person gets, others or the next pool give, to the fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.teacher_eval.pay_ledger.rules import Account, Against, Entry


def correction(staff_key: str, amount_fen: int, *, paid: Mapping[str, int], against: Against) -> Sequence[Entry]:
    """Entries that add up to 0; the first is the person's.

    Args:
        staff_key: whose payment is put right.
        amount_fen: what the person is owed; less than 0: what is taken back.
        paid: what everybody was paid, by person; others share in proportion to it.
        against: who gives: the next pool, or the others. Where nobody else was paid, the next pool.
    """
    own = Entry(Account.PERSON, staff_key, amount_fen)
    others = {key: fen for key, fen in paid.items() if key != staff_key and fen > 0}
    if against is Against.NEXT_POOL or not others:
        return [own, Entry(Account.NEXT_POOL, None, -amount_fen)]
    sign = -1 if amount_fen > 0 else 1
    shares = in_proportion(abs(amount_fen), others)
    return [own, *(Entry(Account.PERSON, key, sign * fen) for key, fen in sorted(shares.items()) if fen)]


def in_proportion(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers in proportion to whole weights that add up to the amount (largest remainder, ties by key)."""
    total = sum(weights.values())
    floors = {key: amount * weight // total for key, weight in weights.items()}
    left = amount - sum(floors.values())
    order = sorted(weights, key=lambda key: (-(amount * weights[key] % total), key))
    raised = set(order[:left])
    return {key: fen + (key in raised) for key, fen in floors.items()}
