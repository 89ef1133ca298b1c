"""One achievement, many claims: co-authors across schools, the same paper twice, titles that nearly agree."""

import pytest

from tests.services.teacher_eval.development.town import Town, key
from tests.services.teacher_eval.records.work import HONOR, PAPER, VISITS, certified, drafted, submitted, teacher
from tests.support.city import SCHOOL, SCHOOLS, code_of, of_school

pytestmark = pytest.mark.anyio
FAR = next(code for code in SCHOOLS if SCHOOLS[code] != SCHOOLS[SCHOOL])
CERTIFICATE = "同一张证书".encode()


async def test_co_authors_of_two_counties_share_and_nobody_claims_more_than_the_whole(town: Town) -> None:
    await certified(town, PAPER | {"author_rank": 1, "author_count": 2}, proof=CERTIFICATE)
    second = PAPER | {"author_rank": 2, "author_count": 2, "title": "小学数学 大单元教学设计的实践研究。"}
    fair = await certified(town, second, teacher(0, FAR), proof=CERTIFICATE)
    assert fair.json()["flags"] == []
    greedy = await submitted(town, PAPER | {"author_rank": 2, "author_count": 2}, teacher(1))
    assert code_of(greedy) == "record.over_claimed"
    text = greedy.text
    assert "1/2, 2/2" in text
    assert not any(told in text for told in (key(0), key(0, FAR), FAR))


@pytest.mark.parametrize("claim", [(1, 1), (1, 2), (2, 3)])
async def test_a_rank_is_claimed_once_and_all_name_the_same_number(town: Town, claim: tuple[int, int]) -> None:
    await submitted(town, PAPER | {"author_rank": 1, "author_count": 2})
    rank, count = claim
    other = await submitted(town, PAPER | {"author_rank": rank, "author_count": count}, teacher(1))
    assert code_of(other) == "record.over_claimed"


async def test_who_withdraws_claims_no_more(town: Town) -> None:
    first = await submitted(town, PAPER)
    assert code_of(await submitted(town, PAPER, teacher(1))) == "record.over_claimed"
    await town.post(f"/records/{first.json()['id']}:withdraw", who=teacher(), match=first)
    assert (await submitted(town, PAPER, teacher(1))).status_code == 200


async def test_the_same_certificate_at_another_school_is_told_to_the_certifier_but_not_whose(town: Town) -> None:
    await certified(town, HONOR, proof=CERTIFICATE)
    there = await submitted(town, HONOR, teacher(0, FAR), proof=CERTIFICATE)
    (flag,) = there.json()["flags"]
    assert (flag["kind"], flag["is_elsewhere"], flag["record"]) == ("same_evidence", True, None)
    here = await submitted(town, HONOR, teacher(1), proof=CERTIFICATE)
    assert sorted(flag["is_elsewhere"] for flag in here.json()["flags"]) == [False, True]
    listed = (await town.get("/records?flagged=true", of_school())).json()["items"]
    assert [row["id"] for row in listed] == [here.json()["id"]]


async def test_nearly_the_same_title_is_flagged_with_its_score(town: Town) -> None:
    await certified(town, PAPER)
    near = PAPER | {"title": "小学数学大单元教学设计实践研究"}
    flags = (await submitted(town, near, teacher(0, FAR))).json()["flags"]
    assert [(flag["kind"], flag["score"]) for flag in flags] == [("near_title", 0.897)]  # 2 · 13 / (14 + 15)
    far = PAPER | {"title": "初中物理实验教学中的证据意识"}
    assert (await submitted(town, far, teacher(1, FAR))).json()["flags"] == []


async def test_work_that_is_not_an_achievement_is_compared_with_nothing(town: Town) -> None:
    await certified(town, VISITS)
    assert (await submitted(town, VISITS, teacher(1))).json()["flags"] == []
    assert (await drafted(town, VISITS, teacher(2))).json()["flags"] == []
