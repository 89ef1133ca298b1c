"""Marks of all exams for some pupils, from known effects of schools and classes (:class:`MarkModel`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.scoring.subjects import MarkStatus, Subject
from tools.synthetic_city.anomalies import Planted
from tools.synthetic_city.pupils import LEFT, Pupils
from tools.synthetic_city.settings import LAST_YEAR, CitySettings, Exam, MarkModel
from tools.synthetic_city.streams import Floats, Streams

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """True effects, as shares of the full mark.

    Args:
        entry_level: standard level at which each school's pupils enter, shape (schools,).
        schools: shape (exams, subjects, schools); 0 in the first exam.
        classes: shape (exams, subjects, classes); 0 in the first exam.
    """

    entry_level: Floats
    schools: Floats
    classes: Floats


def true_effects(streams: Streams, settings: CitySettings, *, entry_level: Floats, class_count: int) -> Effects:
    """Draws the effects of all schools and classes."""
    model, codes = settings.marks, [subject.code for subject in settings.subjects]
    row, class_row = np.arange(len(entry_level)), np.arange(class_count)
    schools = np.zeros((len(settings.exams), len(codes), len(row)))
    classes = np.zeros((len(settings.exams), len(codes), class_count))
    lasting = _correlated(streams, "effect.lasting", codes, row, correlation=model.school_correlation)
    for index, exam in enumerate(settings.exams[1:], start=1):
        passing = _correlated(streams, f"effect.{exam.code}", codes, row, correlation=model.school_correlation)
        mixed = np.sqrt(model.persistence) * lasting + np.sqrt(1 - model.persistence) * passing
        schools[index] = model.school_sd * mixed
        for position, code in enumerate(codes):
            drawn = streams.normal(f"effect.class.{exam.code}.{code}", class_row)
            classes[index, position] = model.class_sd * drawn
    return Effects(entry_level, schools, classes)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Marks of some pupils.

    Args:
        codes: shape (exams, subjects, pupils): the mark in grid units, or the negative code of its status.
        ability: standardized level behind the item subject's mark in the last exam, shape (pupils,).
    """

    codes: Codes
    ability: Floats


def marks_of(streams: Streams, settings: CitySettings, effects: Effects, pupils: Pupils, planted: Planted) -> Marks:
    """Marks of some pupils in every exam."""
    model = settings.marks
    codes = np.empty((len(settings.exams), len(settings.subjects), len(pupils.place)), np.int32)
    ability = np.zeros(len(pupils.place))
    for position, subject in enumerate(settings.subjects):
        before = _entry(streams, model, subject, pupils, level=effects.entry_level)
        codes[0, position] = before
        for index, exam in enumerate(settings.exams[1:], start=1):
            residual = _mixed(streams, f"mark.{exam.code}", subject.code, pupils.place, model.subject_correlation)
            share = before / subject.full_units
            share -= model.entry_mean if index == 1 else model.mean
            share *= model.slope
            share += model.mean + model.residual_sd * residual
            share += effects.schools[index, position][pupils.school]
            share += effects.classes[index, position][pupils.class_row]
            if exam is settings.exams[-1]:
                if subject.code == settings.item_subject:
                    ability = (share - model.mean) / _later_sd(model)
                share = planted.inflated(share, subject, pupils)
            before = _on_grid(share, subject)
            if exam is settings.exams[-1]:
                before = planted.heaped(before, subject, pupils)
            codes[index, position] = before
    for index, exam in enumerate(settings.exams):
        _set_statuses(streams, settings, codes[index], exam, pupils)
    return Marks(codes, ability)


def sits(exam: Exam, pupils: Pupils) -> NDArray[np.bool_]:
    """Who is in the city's schools when an exam is held."""
    if exam.school_year == LAST_YEAR:
        return pupils.was_here
    return ~pupils.is_leaver if exam.held_on > LEFT else np.ones(len(pupils.place), np.bool_)


def _entry(streams: Streams, model: MarkModel, subject: Subject, pupils: Pupils, *, level: Floats) -> Codes:
    own = _mixed(streams, "mark.entry", subject.code, pupils.place, model.subject_correlation)
    standard = np.sqrt(model.entry_between) * level[pupils.school] + np.sqrt(1 - model.entry_between) * own
    return _on_grid(model.entry_mean + model.entry_sd * standard, subject)


def _on_grid(share: Floats, subject: Subject) -> Codes:
    units = share * subject.full_units
    return np.clip(np.rint(units, out=units), 0, subject.full_units, out=units).astype(np.int32)


def _set_statuses(streams: Streams, settings: CitySettings, codes: Codes, exam: Exam, pupils: Pupils) -> None:
    """Puts statuses over marks: half the absentees miss the whole exam, half one paper."""
    model = settings.marks
    mean = model.entry_mean if exam.school_year == LAST_YEAR else model.mean
    whole = streams.uniform(f"absent.{exam.code}", pupils.place)
    away = ~sits(exam, pupils)
    for position, subject in enumerate(settings.subjects):
        one = streams.uniform(f"absent.{exam.code}.{subject.code}", pupils.place)
        weakness = (mean - codes[position] / subject.full_units) / model.entry_sd
        rate = np.minimum(model.absent_rate / 2 * np.exp(0.8 * weakness), 0.5)
        if position == 0:
            stays_away = whole < rate
        void = one > 1 - model.void_rate
        codes[position][void] = MarkStatus.VOID
        codes[position][stays_away | (one < rate)] = MarkStatus.ABSENT
        codes[position][away] = MarkStatus.NOT_ENTERED


def _later_sd(model: MarkModel) -> float:
    parts = (model.slope * model.entry_sd, model.school_sd, model.class_sd, model.residual_sd)
    return float(np.sqrt(sum(part**2 for part in parts)))


def _mixed(streams: Streams, stream: str, code: str, places: NDArray[np.int64], correlation: float) -> Floats:
    mixed = streams.normal(stream, places)
    mixed *= np.sqrt(correlation)
    own = streams.normal(f"{stream}.{code}", places)
    own *= np.sqrt(1 - correlation)
    mixed += own
    return mixed


def _correlated(
    streams: Streams, stream: str, codes: Sequence[str], places: NDArray[np.int64], *, correlation: float
) -> Floats:
    """Standard normal rows, one per code, any two correlated alike; shape (codes, places)."""
    return np.stack([_mixed(streams, stream, code, places, correlation) for code in codes])
