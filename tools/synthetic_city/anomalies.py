"""Anomalies planted in a city: what was done to which marks, so that a detector can be held to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.subjects import Subject
from tools.synthetic_city.pupils import Pupils
from tools.synthetic_city.settings import CitySettings
from tools.synthetic_city.streams import Floats, Integers, Streams

INFLATION_SHARE = 0.15
PASS_SHARE, LIFTED_FROM = Decimal("0.60"), Decimal("0.53")
COPIED_RATE, COPIER_RATE = 0.95, 0.6
_MIN_SCHOOL, _MIN_CLASS = 60, 30
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Planted:
    """Where the anomalies of the last exam are; −1 and empty text where there is none.

    Args:
        inflated_school: row of the school whose marks in ``inflated_subject`` are all raised by 15 % of the full mark.
        inflated_subject: its subject.
        heaped_school: row of the school where marks from 53 % to under 60 % of ``heaped_subject`` become 60 %.
        heaped_subject: its subject.
        copied_class: row of the class in which more than half copied the choice items of one pupil in the middle.
        bad_key_item: position of the choice item whose key is a distractor.
    """

    inflated_school: int = NOWHERE
    inflated_subject: str = ""
    heaped_school: int = NOWHERE
    heaped_subject: str = ""
    copied_class: int = NOWHERE
    bad_key_item: int = NOWHERE

    def inflated(self, share: Floats, subject: Subject, pupils: Pupils) -> Floats:
        """Shares of the full mark after inflation."""
        if subject.code != self.inflated_subject:
            return share
        raised: Floats = share + INFLATION_SHARE * (pupils.school == self.inflated_school)
        return raised

    def heaped(self, units: NDArray[np.int32], subject: Subject, pupils: Pupils) -> NDArray[np.int32]:
        """Marks in grid units after lifting to the pass line."""
        if subject.code != self.heaped_subject:
            return units
        low, line = subject.units_reaching(LIFTED_FROM), subject.units_reaching(PASS_SHARE)
        lifted = (pupils.school == self.heaped_school) & (units >= low) & (units < line)
        return np.where(lifted, np.int32(line), units)


def plant(streams: Streams, settings: CitySettings, schools: pl.DataFrame, classes: pl.DataFrame) -> Planted:
    """Chooses two schools of ordinary size, a class and an item.

    Raises:
        ValueError: the city has no two schools of 60 pupils or no class of 30.
    """
    if not settings.with_anomalies:
        return Planted()
    size = np.bincount(classes["school"].to_numpy(), weights=classes["n"].to_numpy(), minlength=schools.height)
    able = np.flatnonzero(size >= _MIN_SCHOOL)
    large = np.flatnonzero(classes["n"].to_numpy() >= _MIN_CLASS)
    if len(able) < 2 or not len(large):
        raise ValueError("no school or class is large enough for anomalies")
    inflated, heaped = able[np.argsort(streams.uniform("anomaly.school", able))[:2]]
    codes = [subject.code for subject in settings.subjects]
    return Planted(
        inflated_school=int(inflated),
        inflated_subject=settings.item_subject,
        heaped_school=int(heaped),
        heaped_subject=codes[0],
        copied_class=int(large[streams.below("anomaly.class", np.array([0]), len(large))[0]]),
        bad_key_item=int(streams.below("anomaly.item", np.array([0]), settings.choice_items)[0]),
    )


def copying(
    streams: Streams, planted: Planted, *, class_row: Integers, place: Integers, ability: Floats
) -> tuple[int, Integers] | None:
    """Who copied from whom among some candidates: positions of the source and of the copiers.

    Args:
        class_row: class of each candidate.
        place: number of each in the city.
        ability: level of each; the source is the median one.
    """
    members = np.flatnonzero(class_row == planted.copied_class)
    if not len(members):
        return None
    ranked = members[np.argsort(ability[members], kind="stable")]
    source = int(ranked[len(ranked) // 2])
    others = members[members != source]
    return source, others[streams.uniform("anomaly.copier", place[others]) < COPIER_RATE]
