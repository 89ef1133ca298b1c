"""Pure decisions about the ledger: what a payment that carries balances settles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.scoring.allocation.ledger import Account, Entry


def settlement(carried: Mapping[str, int]) -> Sequence[Entry]:
    """Entries of a payment that carried balances: people are even, and so is the pool that paid them.

    Args:
        carried: what each person was owed, in fen; less than 0: owed.
    """
    people = [Entry(Account.PERSON, key, -amount) for key, amount in sorted(carried.items()) if amount]
    total = sum(carried.values())
    return [*people, *([Entry(Account.NEXT_POOL, None, total)] if total else [])]
