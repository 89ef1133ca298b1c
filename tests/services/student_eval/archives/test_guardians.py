"""Guardians and archives: read by one's own alone, handed to others by consent."""

from __future__ import annotations

import pytest

from shared.policy.student_consents import consent_policy
from shared.terms.actor import Role
from tests.services.student_eval.archives.senior import PRINCIPAL, YEAR, Senior
from tests.services.student_eval.archives.test_whole import sealed, verified, whole
from tests.support.city import COUNTY, SCHOOL, code_of, of_school

pytestmark = pytest.mark.anyio
MOTHER = "m" * 26
OTHERS = "archive_for_others"


async def test_a_guardian_reads_one_archive_and_it_goes_to_others_by_consent_alone(senior: Senior) -> None:
    mother = of_school(Role.GUARDIAN, person=MOTHER, subject="mother")
    await verified(senior)
    await sealed(senior)
    for path in ("", "/chain", "/integrity", "/sealed"):
        assert (await whole(senior, 0, path, who=mother, method="GET")).status_code == 404, path
    assert (await senior.world.get(senior.at(0), mother)).status_code == 404
    handed = {"to": "某基金会", "authorization": "授权书2号", "use": "other"}
    assert code_of(await whole(senior, 0, ":release", handed, PRINCIPAL)) == "consent.missing"
    named = {"student_key": senior.keys[0], "guardian_key": MOTHER, "relation": "parent"}
    entered = await senior.world.post(f"/guardianships/{YEAR}/{COUNTY}-{SCHOOL}", named, of_school())
    assert entered.status_code == 201, entered.text
    for path in ("", "/chain", "/integrity", "/sealed"):
        assert (await whole(senior, 0, path, who=mother, method="GET")).status_code == 200, path
        assert (await whole(senior, 1, path, who=mother, method="GET")).status_code == 404, path
    assert (await senior.world.get(senior.at(0), mother)).status_code == 200
    assert (await senior.world.get(senior.at(1), mother)).status_code == 404
    assert code_of(await senior.world.post(senior.at(0, "/records"), {}, mother)) == "auth.forbidden"
    seen = {"wording_sha256": consent_policy().purposes[OTHERS].wording.sha256}
    address = f"/consents/{senior.keys[0]}/{OTHERS}"
    # The roster knows no age here: the guardian decides, and by the grade of graduates the pupil is asked as well.
    assert (await senior.world.post(f"{address}:give", seen, mother)).status_code == 200
    refused = await whole(senior, 0, ":release", handed, PRINCIPAL)
    assert (code_of(refused), "pupil" in refused.json()["detail"]) == ("consent.missing", True)
    assert (await senior.world.post(f"{address}:give", seen, senior.pupil(0))).status_code == 200
    assert (await whole(senior, 0, ":release", handed, PRINCIPAL)).status_code == 200
    assert (await senior.world.post(f"{address}:refuse", seen, mother)).status_code == 200
    assert code_of(await whole(senior, 0, ":release", handed, PRINCIPAL)) == "consent.refused"
    assert (await whole(senior, 0, ":release", handed | {"use": "admission"}, PRINCIPAL)).status_code == 200
