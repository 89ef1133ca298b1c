"""Columns of the upload sheet that schools know, and the measures they hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shared.kernel.tabular.columns import Column, ColumnKind

STUDENT_NUMBER, SEX, EXEMPT = "student_number", "sex", "is_exempt"
RUN_800M, RUN_1000M = "run_800m", "run_1000m"
SEX_WORDS = {"男": "boys", "女": "girls", "1": "boys", "2": "girls"}
YES_NO = {"是": True, "否": False, "yes": True, "no": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of the sheet: how it is written, and what no pupil's can lie beyond (a parameter of this platform).

    Args:
        name: column of the sheet.
        title: header of the national sheet.
        least: smallest that is believed.
        most: largest that is believed.
        decimals: places it may have.
        is_time: whether it may be written as minutes and seconds.
    """

    name: str
    title: str
    least: Decimal
    most: Decimal
    decimals: int = 1
    is_time: bool = False

    @property
    def range(self) -> str:
        """The range, for those who are told of it."""
        return f"{self.least}–{self.most}"


def _measure(name: str, title: str, least: str, most: str, decimals: int = 1, *, is_time: bool = False) -> Measure:
    return Measure(name, title, Decimal(least), Decimal(most), decimals, is_time)


MEASURES = (
    _measure("height_cm", "身高", "80", "230"),
    _measure("weight_kg", "体重", "10", "200"),
    _measure("vital_capacity", "肺活量", "100", "9999", 0),
    _measure("sprint_50m", "50米跑", "5", "30", 2),
    _measure("sit_and_reach", "坐位体前屈", "-40", "50"),
    _measure("rope_skipping", "一分钟跳绳", "0", "400", 0),
    _measure("sit_ups", "一分钟仰卧起坐", "0", "120", 0),
    _measure("shuttle_run", "50米×8往返跑", "60", "300", is_time=True),
    _measure("standing_long_jump", "立定跳远", "20", "400"),
    _measure(RUN_800M, "800米跑", "120", "1200", is_time=True),
    _measure(RUN_1000M, "1000米跑", "140", "1200", is_time=True),
    _measure("pull_ups", "引体向上", "0", "100", 0),
)
VISION = (
    _measure("vision_left", "左眼裸眼视力", "3.0", "5.3"),
    _measure("vision_right", "右眼裸眼视力", "3.0", "5.3"),
    _measure("refraction_left", "左眼等效球镜", "-30", "20", 2),
    _measure("refraction_right", "右眼等效球镜", "-30", "20", 2),
)
#: Headers of the national sheet that are read past: who the pupil is, the roster knows.
PASSED_OVER = ("年级编号", "班级编号", "班级名称", "民族代码", "姓名", "出生日期", "家庭住址")


def sheet_columns() -> list[Column]:
    """Every column a sheet may have."""
    who = [
        Column(STUDENT_NUMBER, ColumnKind.CODE, required=True, aliases=("学籍号",), max_length=40, sensitive=True),
        Column(SEX, ColumnKind.CODE, required=True, aliases=("性别",), allowed=tuple(SEX_WORDS)),
        Column(EXEMPT, ColumnKind.CODE, optional=True, aliases=("免予执行",), allowed=tuple(YES_NO)),
    ]
    # Numbers come as text where a time may be written 3'45.
    measures = [
        Column(each.name, ColumnKind.TEXT, optional=True, aliases=(each.title,), max_length=12)
        if each.is_time
        else Column(each.name, ColumnKind.DECIMAL, optional=True, aliases=(each.title,), decimals=each.decimals)
        for each in (*MEASURES, *VISION)
    ]
    passed = [
        Column(f"passed_over_{place}", optional=True, aliases=(title,), sensitive=True)
        for place, title in enumerate(PASSED_OVER)
    ]
    return [*who, *measures, *passed]


def template_columns() -> list[Column]:
    """What the template offers: nothing that is read past."""
    return [column for column in sheet_columns() if not column.name.startswith("passed_over_")]
