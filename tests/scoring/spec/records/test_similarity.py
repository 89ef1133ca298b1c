"""Titles that are nearly the same, by shared character pairs."""

import polars as pl
import pytest

from shared.scoring.records.similarity import near_texts


def scores(new: list[str], known: list[str], least: float = 0.01) -> list[tuple[int, int, float]]:
    return near_texts(pl.Series(new, dtype=pl.String), pl.Series(known, dtype=pl.String), least=least).rows()


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("大单元教学", "大单元教学", 1.0),
        ("大单元教学", "大单元学习", 2 * 2 / (4 + 4)),  # 大单 and 单元 of four pairs each
        ("教学", "学教", None),
        ("甲", "甲", 1.0),
        ("甲", "甲乙", None),
        ("", "", None),
        ("哈哈哈", "哈哈", 1.0),  # pairs are counted once
    ],
)
def test_twice_the_shared_pairs_over_both(one: str, other: str, score: float | None) -> None:
    assert scores([one], [other]) == ([] if score is None else [(0, 0, score)])
    assert scores([other], [one]) == scores([one], [other])


def test_many_are_compared_in_blocks_and_the_threshold_is_reached_or_not() -> None:
    new = [f"{chr(0x4E00 + number)}的教学设计" for number in range(450)]
    found = near_texts(pl.Series(new), pl.Series(new), least=1.0)
    assert found.select("new", "known").rows() == [(number, number) for number in range(450)]
    assert scores(["大单元教学"], ["大单元学习"], least=0.51) == []
    assert scores([], ["大单元学习"]) == scores(["大单元学习"], []) == []
