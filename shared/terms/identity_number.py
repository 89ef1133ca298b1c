"""Identity numbers: GB 11643-1999 citizen numbers and the 19-character national pupil number.

The region prefix is not looked up: people keep the prefix of the region as it was when they were registered, and
Bijie's changed from 5224xx to 5205xx in 2011. Test identities use the unassigned region 990001.
"""

from __future__ import annotations

import datetime as dt
import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_CITIZEN = re.compile(r"^\d{17}[\dX]$", re.ASCII)
_PUPIL = re.compile(r"^([GJ])(\d{17}[\dX])$|^L\d{18}$", re.ASCII)
#: Eighteen characters of an identity number among words.
_WITHIN_WORDS = re.compile(r"(?<![0-9０-９])[0-9０-９]{17}[0-9０-９XxＸｘ](?![0-9０-９])")


def check_character(first_17: str) -> str:
    """Check character of a citizen number: sum of weighted digits modulo 11 (GB 11643-1999)."""
    return _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, first_17, strict=True)) % 11]


def citizen_number_fault(number: str) -> str | None:
    """Fault code of a citizen number, or ``None`` when it is sound.

    Returns:
        ``identity.format``, ``identity.birth_date``, ``identity.check_character`` or ``None``.
    """
    if not _CITIZEN.match(number):
        return "identity.format"
    try:
        dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "identity.birth_date"
    return None if check_character(number[:17]) == number[17] else "identity.check_character"


def pupil_number_fault(number: str) -> str | None:
    """Fault code of a national pupil number (学籍号), or ``None``.

    ``G`` + citizen number (formal), ``J`` + 18 generated digits with the same check rule (formal, no citizen number),
    ``L`` + region, birth date and four random digits (temporary; carries no check character).
    """
    match = _PUPIL.match(number)
    if match is None:
        return "identity.format"
    return citizen_number_fault(match.group(2)) if match.group(2) else None


def masked(number: str) -> str:
    """A number as people may see it: the first four and the last character (``G990***********1``)."""
    return number[:4] + "*" * max(len(number) - 5, 0) + number[-1:]


def holds_identity_number(text: str) -> bool:
    """Whether words have an identity number in them, or a pupil number, which holds one; in full-width digits too."""
    return _WITHIN_WORDS.search(text) is not None
