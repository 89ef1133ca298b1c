"""Consents: duties are told, other uses asked; under fourteen the guardian decides; a no outweighs every yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.student_eval.consents.rules import ConsentState, negation, standing_of
from shared.policy.student_consents import Asked, Basis, consent_policy
from shared.terms.actor import Actor
from tests.services.student_eval.fitness.pupils import YEAR
from tests.services.student_eval.minors.family import ADULT, CHILD, UNKNOWN, YOUTH, guardian, key_of, name_mother, pupil
from tests.support.city import COUNTY, SCHOOL, World, code_of, county_admin, of_school

OTHERS = "archive_for_others"
OVERVIEW = f"/consent-overviews/{YEAR}/{COUNTY}-{SCHOOL}"
USE = consent_policy().purposes[OTHERS]


@dataclass(frozen=True)
class Word:
    person_key: str
    action: str
    purpose: str = OTHERS
    wording_version: int = 1


#: Age, grade → whether the guardian, whether the pupil is asked.
ASKED = [
    (13, 9, (True, False)),
    (14, 7, (True, True)),
    (17, 12, (True, True)),
    (18, 12, (False, True)),
    (None, 8, (True, False)),
    (None, 9, (True, True)),
    (None, None, (True, False)),
]


@pytest.mark.parametrize(("age", "grade", "asked"), ASKED)
def test_who_is_asked(age: int | None, grade: int | None, asked: tuple[bool, bool]) -> None:
    assert USE.asked(age, grade) == Asked(*asked)
    assert consent_policy().purposes["fitness"].asked(age, grade) == Asked(guardian=False, pupil=False)


BOTH, GUARDIAN = Asked(guardian=True, pupil=True), Asked(guardian=True, pupil=False)
#: Who is asked, what was said, the state that follows, who has not answered.
SAID: list[tuple[Asked, list[Word], ConsentState, tuple[str, ...]]] = [
    (GUARDIAN, [], ConsentState.MISSING, ("guardian",)),
    (GUARDIAN, [Word("mother", "given")], ConsentState.GIVEN, ()),
    (GUARDIAN, [Word("mother", "given", wording_version=0)], ConsentState.MISSING, ("guardian",)),
    (GUARDIAN, [Word("mother", "given", purpose="photos_shown")], ConsentState.MISSING, ("guardian",)),
    (GUARDIAN, [Word("mother", "given"), Word("father", "refused")], ConsentState.REFUSED, ()),
    (GUARDIAN, [Word("mother", "given"), Word("stranger", "refused")], ConsentState.GIVEN, ()),
    (GUARDIAN, [Word("stranger", "given")], ConsentState.MISSING, ("guardian",)),
    (GUARDIAN, [Word("mother", "given"), Word("mother", "withdrawn")], ConsentState.REFUSED, ()),
    (GUARDIAN, [Word("mother", "refused"), Word("mother", "given")], ConsentState.GIVEN, ()),
    (GUARDIAN, [Word("mother", "given"), Word("pupil", "refused")], ConsentState.GIVEN, ()),
    (BOTH, [Word("mother", "given")], ConsentState.MISSING, ("pupil",)),
    (BOTH, [Word("mother", "given"), Word("pupil", "given")], ConsentState.GIVEN, ()),
    (BOTH, [Word("mother", "given"), Word("pupil", "refused")], ConsentState.REFUSED, ()),
]


@pytest.mark.parametrize(("asked", "said", "state", "missing"), SAID)
def test_what_follows(asked: Asked, said: list[Word], state: ConsentState, missing: tuple[str, ...]) -> None:
    found = standing_of(USE, asked, said, student_key="pupil", guardians={"mother", "father"})
    assert (found.state, found.missing) == (state, missing)
    alone = standing_of(USE, GUARDIAN, [], student_key="pupil", guardians=())
    assert alone.missing == ("no_guardian",)


def test_a_no_after_a_yes_is_a_withdrawal() -> None:
    assert negation([Word("mother", "given")], OTHERS, "mother") == "withdrawn"
    assert negation([Word("father", "given")], OTHERS, "mother") == "refused"


def test_every_purpose_has_its_basis_and_words() -> None:
    for purpose in consent_policy().purposes.values():
        assert purpose.document
        assert purpose.verified is False
        assert purpose.may_refuse is (purpose.basis is Basis.CONSENT)
        assert (purpose.guardian_until is None) is (purpose.basis is Basis.STATUTORY)
        assert (purpose.heeded_by is None) is (purpose.basis is Basis.STATUTORY)
        assert len(purpose.wording.sha256) == 64
        assert purpose.wording.counts_from <= purpose.wording.version


async def answer(world: World, who: Actor, serial: int, action: str, purpose: str = OTHERS) -> httpx.Response:
    listed = (await world.get("/consent-purposes", who)).json()["items"]
    seen = {"wording_sha256": next(each["wording"]["sha256"] for each in listed if each["code"] == purpose)}
    address = f"/consents/{key_of(world.settings, SCHOOL, serial)}/{purpose}:{action}"
    return await world.post(address, seen, who)


def state(told: httpx.Response, purpose: str = OTHERS) -> dict[str, Any]:
    assert told.status_code == 200, told.text
    found: dict[str, Any] = next(each for each in told.json()["items"] if each["purpose"] == purpose)
    return found


@pytest.mark.anyio
async def test_a_family_answers_and_the_school_sees_who_has_not(world: World) -> None:
    mother, child, youth = guardian(world, 1), pupil(world, CHILD), pupil(world, YOUTH)
    assert (await answer(world, mother, CHILD, "give")).status_code == 404
    await name_mother(world, CHILD, YOUTH, UNKNOWN)
    assert state(await answer(world, mother, CHILD, "give"))["state"] == "given"
    assert code_of(await answer(world, child, CHILD, "refuse")) == "consent.not_asked"
    half = state(await answer(world, mother, YOUTH, "give"))
    assert (half["state"], half["asked"], half["missing"]) == ("missing", ["guardian", "pupil"], ["pupil"])
    assert state(await answer(world, youth, YOUTH, "give"))["state"] == "given"
    taken_back = state(await answer(world, youth, YOUTH, "refuse"))
    assert (taken_back["state"], [each["action"] for each in taken_back["records"]]) == (
        "refused",
        ["given", "given", "withdrawn"],
    )
    # Nobody's account and key is told, and others' pupils are nobody's.
    assert mother.person is not None
    assert mother.person not in (await world.get(f"/consents/{youth.person}", youth)).text
    assert (await world.get(f"/consents/{youth.person}", child)).status_code == 404
    # Duties are told and not asked; what was read must be the words in force.
    assert code_of(await answer(world, mother, CHILD, "refuse", "fitness")) == "consent.statutory"
    assert state(await answer(world, mother, CHILD, "acknowledge", "fitness"), "fitness")["state"] == "not_needed"
    assert code_of(await answer(world, mother, CHILD, "acknowledge")) == "consent.not_statutory"
    old = await world.post(f"/consents/{child.person}/{OTHERS}:give", {"wording_sha256": "0" * 64}, mother)
    assert code_of(old) == "consent.wording_changed"
    counts = (await world.get(OVERVIEW, of_school())).json()["items"]
    found = next(each for each in counts if each["purpose"] == OTHERS)
    # Of the child the age is known: its mother's word is enough. Who is of age needs no guardian. The others are in grade 9.
    assert [found[name] for name in ("students", "given", "refused", "missing", "without_guardian")] == [
        40, 1, 1, 38, 36,
    ]  # fmt: skip
    missing = (await world.get(f"{OVERVIEW}/students?purpose={OTHERS}&class_code=901", of_school())).json()["items"]
    told = {each["student_key"]: each["missing"] for each in missing}
    assert not {str(child.person), str(youth.person)} & told.keys()
    assert told[key_of(world.settings, SCHOOL, ADULT)] == ["pupil"]
    assert told[key_of(world.settings, SCHOOL, UNKNOWN)] == ["guardian", "pupil"]
    refused = await world.get(f"{OVERVIEW}/students?purpose={OTHERS}&state=refused", of_school())
    assert [each["student_key"] for each in refused.json()["items"]] == [youth.person]
    assert code_of(await world.get(OVERVIEW, county_admin())) == "auth.forbidden"
