"""Pupils of the tests and their sheets."""

from __future__ import annotations

YEAR = "2026-2027"
HEADER = "学籍号,性别,身高,体重,肺活量,50米跑,坐位体前屈,立定跳远,引体向上,一分钟仰卧起坐,800米跑,1000米跑,姓名"
#: A boy of grade 9 who is good at everything, and one who is not.
STRONG = "男,170,60,4500,7.2,20,245,15,,,3'30,测试甲"
WEAK = "男,170,95,1500,10.9,-8,150,0,,,400,测试乙"
GIRL = "女,160,50,3100,8.0,22,200,,52,3:20,,测试丙"


def number(school: str, serial: int) -> str:
    """A pupil number in the test region."""
    return f"L990001{school[-4:]}{serial:07d}"


def sheet(school: str, rows: dict[int, str], header: str = HEADER) -> bytes:
    """A sheet as schools write it, in their usual encoding."""
    lines = [f"{number(school, serial)},{rest}" for serial, rest in rows.items()]
    return "\n".join([header, *lines]).encode("gb18030")
