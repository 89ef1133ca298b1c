"""Pure decisions about the ledger: accounts, and entries that add up to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """Whose an entry is."""

    PERSON = "person"
    # The school's next pool of the kind: what is put right is paid out of it.
    NEXT_POOL = "next_pool"


class Against(StrEnum):
    """What a correction is booked against."""

    NEXT_POOL = "next_pool"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be booked: more than 0 is owed to the account."""

    account: Account
    staff_key: str | None
    amount_fen: int


def settlement(carried: Mapping[str, int]) -> Sequence[Entry]:
    """Entries of a payment that carried balances: people are even, the pool that paid them too.

    Args:
        carried: what each person was owed, in fen; less than 0: owed.
    """
    people = [Entry(Account.PERSON, key, -amount) for key, amount in sorted(carried.items()) if amount]
    total = sum(carried.values())
    return [*people, *([Entry(Account.NEXT_POOL, None, total)] if total else [])]
