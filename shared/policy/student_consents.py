"""What pupils' data are used for, on which basis, who is asked, and in which words. From dated data. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.minors import minors_policy

_FILE = Path(__file__).with_name("student_consents.yaml")


class Basis(StrEnum):
    """Why data may be used."""

    STATUTORY = "statutory"
    """法定职责：告知，不需同意"""
    CONSENT = "consent"
    """同意"""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is put before people, word for word.

    Args:
        version: counts up with every change.
        counts_from: the oldest version to which a yes still holds.
        text: by language.
    """

    version: int
    counts_from: int
    text: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Hash of the words in both languages: it stands in every record for what was read."""
        return hashlib.sha256(f"{self.version}\n{self.text['zh']}\n{self.text['en']}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose yes a use needs."""

    guardian: bool
    pupil: bool


NOBODY = Asked(guardian=False, pupil=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """A use of pupils' data.

    Args:
        code: its code.
        name: by language.
        basis: why it may be.
        document: where that stands.
        in_force_from: first day.
        verified: whether it was compared with the text.
        may_refuse: whether one may say no.
        guardian_until: age from which no guardian is asked any more.
        pupil_asked_from: age from which the pupil is asked as well.
        heeded_by: ``service`` where the platform refuses the use without consent, ``school`` where the school must look
            it up; ``None`` for duties.
        wording: the words.
    """

    code: str
    name: Mapping[str, str]
    basis: Basis
    document: str
    in_force_from: dt.date
    verified: bool
    may_refuse: bool
    guardian_until: int | None
    pupil_asked_from: int | None
    heeded_by: str | None
    wording: Wording

    def asked(self, age: int | None, grade_level: int | None) -> Asked:
        """Whose yes is needed of a pupil.

        Args:
            age: whole years, if known.
            grade_level: 1 to 12, if known; stands in for the age of fourteen where no age is known.
        """
        if self.basis is Basis.STATUTORY or self.guardian_until is None or self.pupil_asked_from is None:
            return NOBODY
        policy = minors_policy()
        if age is None:
            is_old = self.pupil_asked_from <= policy.child_under and not policy.is_child(None, grade_level)
            return Asked(guardian=True, pupil=is_old)
        # Under fourteen the guardian decides, whatever a purpose says.
        return Asked(
            guardian=age < max(self.guardian_until, policy.child_under),
            pupil=age >= max(self.pupil_asked_from, policy.child_under) or age >= policy.adult_from,
        )


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """Every use, by code, and the rule for children."""

    purposes: Mapping[str, Purpose]
    child_rules: Mapping[str, str]
    child_rules_document: str


@cache
def consent_policy() -> ConsentPolicy:
    """The rules in force."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    documents, child = content["documents"], content["child_rules"]
    return ConsentPolicy(
        purposes={code: _purpose(code, entry, documents) for code, entry in content["purposes"].items()},
        child_rules={language: child[language] for language in ("zh", "en")},
        child_rules_document=documents[child["document"]]["document"],
    )


def _purpose(code: str, entry: Mapping[str, Any], documents: Mapping[str, Any]) -> Purpose:
    wording = entry["wording"]
    return Purpose(
        code=code,
        name=entry["name"],
        basis=Basis(entry["basis"]),
        may_refuse=entry["may_refuse"],
        guardian_until=entry.get("guardian_until"),
        pupil_asked_from=entry.get("pupil_asked_from"),
        heeded_by=entry.get("heeded_by"),
        wording=Wording(wording["version"], wording["counts_from"], {each: wording[each] for each in ("zh", "en")}),
        **documents[entry["document"]],
    )
