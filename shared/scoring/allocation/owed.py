"""What a person is owed by a price or an entitlement, before anything is shared (SCORING §11.1)."""

from __future__ import annotations

import numpy as np

from shared.scoring.allocation.exact import SCALE, half_up
from shared.scoring.allocation.groups import Integers
from shared.scoring.allocation.people import People
from shared.scoring.allocation.plan import EntitlementShare, FixedItem, Part
from shared.scoring.allocation.refusals import RefusalReason
from shared.scoring.allocation.sharing import LARGEST


def fixed_amounts(people: People, item: FixedItem) -> Integers:
    """unit × (count − standard) of each person, halves of a fen away from zero."""
    whose = people.paid_in_spite_of(item.paid_to)
    count = people.figures(item.count, whose=whose, part=item.code, may_be_negative=True)
    if item.standard is not None:
        count = count - people.figures(item.standard, whose=whose, part=item.code, may_be_negative=True)
    is_large = np.abs(count.astype(np.float64)) * item.unit_fen / SCALE >= float(LARGEST)
    people.refuse(is_large, RefusalReason.FIGURE_OUTSIDE, part=item.code, column=item.count)
    count = np.where(is_large, 0, count)
    unit, scale = np.full(len(count), item.unit_fen, np.int64), np.full(len(count), SCALE, np.int64)
    return half_up((unit, count), (scale,)).astype(np.int64)


def entitlement_amounts(people: People, part: Part, method: EntitlementShare) -> Integers:
    """entitlement × score ÷ full score × post coefficient × presence, halves of a fen up."""
    is_in = people.is_in
    fen = people.fen(method.entitlement_fen, part=part.code, otherwise=0)
    missing = people.frame[method.entitlement_fen].is_null().to_numpy() & is_in
    people.refuse(missing, RefusalReason.FIGURE_MISSING, part=part.code, column=method.entitlement_fen)
    above = [fen, people.figures(method.score, whose=is_in, part=part.code)]
    below = [np.full(len(fen), method.full_score * SCALE, np.int64)]
    if part.post_coefficient is not None:
        above.append(people.figures(part.post_coefficient, whose=is_in, part=part.code))
        below.append(np.full(len(fen), SCALE, np.int64))
    if part.by_presence:
        present, period = people.presence(part=part.code)
        above.append(present)
        below.append(period)
    owed = half_up(above, below)
    is_large = (owed >= LARGEST).astype(np.bool_)
    people.refuse(is_large, RefusalReason.FIGURE_OUTSIDE, part=part.code, column=method.entitlement_fen)
    return np.where(is_large, 0, owed).astype(np.int64)
