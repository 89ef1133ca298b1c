"""A synthetic city: small tables at once, everything about pupils for a run of schools at a time.

Nothing depends on how the city is cut into runs: the rows of all runs, one after the other, are always the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tools.synthetic_city import items as item_sheet
from tools.synthetic_city.anomalies import COPIED_RATE, Planted, copying, plant
from tools.synthetic_city.items import Item, Responses
from tools.synthetic_city.marks import Effects, Marks, marks_of, sits, true_effects
from tools.synthetic_city.places import class_table, entry_levels, grade_table, school_table
from tools.synthetic_city.pupils import Pupils, Roll, people, pupils_of, roll_of
from tools.synthetic_city.settings import CitySettings, Exam
from tools.synthetic_city.sheets import candidates, import_sheet, item_frame, scoring_sheet
from tools.synthetic_city.streams import Integers, Streams

CHUNK_PUPILS = 150_000


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """A city, as :func:`build_city` makes it.

    Args:
        settings: what was asked for.
        streams: its random numbers.
        schools: see ``places.school_table``.
        grades: see ``places.grade_table``.
        classes: see ``places.class_table``.
        roll: the numbering of pupils.
        effects: true effects.
        planted: planted anomalies.
        items: the items of the last exam's item sheet.
    """

    settings: CitySettings
    streams: Streams
    schools: pl.DataFrame
    grades: pl.DataFrame
    classes: pl.DataFrame
    roll: Roll
    effects: Effects
    planted: Planted
    items: tuple[Item, ...]

    def chunks(self, chunk_pupils: int = CHUNK_PUPILS) -> Iterator[Chunk]:
        """The whole city in runs of whole schools with about so many pupils each."""
        owner = self.grades["school"]
        last_of_school = (owner != owner.shift(-1)).fill_null(value=True).to_numpy()
        first = 0
        for row in last_of_school.nonzero()[0]:
            end = int(row) + 1
            if self.roll.start[end] - self.roll.start[first] >= chunk_pupils or end == len(owner):
                yield self._chunk(first, end)
                first = end

    def school_chunk(self, school: int) -> Chunk:
        """One school, by its row."""
        rows = (self.grades["school"] == school).to_numpy().nonzero()[0]
        return self._chunk(int(rows[0]), int(rows[-1]) + 1)

    def exam(self, code: str) -> int:
        """Position of an exam; raises ``KeyError``."""
        return {exam.code: index for index, exam in enumerate(self.settings.exams)}[code]

    def scoring_sheet(self, exam: str, *, grade_level: int | None = None) -> pl.DataFrame:
        """The whole city's mark sheet of an exam, in grid units, as ``shared.scoring.frame.check_sheet`` takes it."""
        return pl.concat(chunk.scoring_sheet(exam, grade_level=grade_level) for chunk in self.chunks())

    def _chunk(self, first: int, last: int) -> Chunk:
        pupils = pupils_of(self.streams, self.roll, self.settings, first=first, last=last)
        return Chunk(self, pupils, marks_of(self.streams, self.settings, self.effects, pupils, self.planted))


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Pupils of a run of schools with their marks in all exams."""

    city: City
    pupils: Pupils
    marks: Marks

    def students(self) -> pl.DataFrame:
        """Pupils as the roster imports students."""
        return people(self.city.streams, self.city.roll, self.pupils, self.city.schools)

    def scoring_sheet(self, exam: str, *, grade_level: int | None = None) -> pl.DataFrame:
        """Mark sheet in grid units with the marks of the exam before; see ``sheets.scoring_sheet``."""
        city, index = self.city, self.city.exam(exam)
        rows = self._rows(city.settings.exams[index], grade_level)
        keys = candidates(city.schools, self.pupils, city.settings.exams[index], index, rows=rows)
        return scoring_sheet(city.settings, keys, self.marks, index, rows=rows)

    def import_sheet(self, exam: str, student_number: pl.Series, *, grade_level: int | None = None) -> pl.DataFrame:
        """Mark sheet as the platform imports it; see ``sheets.import_sheet``.

        Args:
            exam: its code.
            student_number: that column of :meth:`students`.
            grade_level: one grade (of the school year the exam falls in), as the platform's exams have it; all if
                left out.
        """
        city, index = self.city, self.city.exam(exam)
        rows = self._rows(city.settings.exams[index], grade_level)
        keys = candidates(city.schools, self.pupils, city.settings.exams[index], index, rows=rows)
        return import_sheet(city.settings, keys, self.marks, index, rows=rows, student_number=student_number)

    def item_sheet(self) -> pl.DataFrame:
        """Item marks and options of the last exam, for those present in the item subject; see ``sheets.item_frame``."""
        city = self.city
        rows, responses = self.responses()
        index = len(city.settings.exams) - 1
        keys = candidates(city.schools, self.pupils, city.settings.exams[index], index, rows=rows)
        return item_frame(keys, city.items, responses)

    def responses(self) -> tuple[Integers, Responses]:
        """Rows of the pupils who sat the item subject in the last exam, and their answers."""
        city, (rows, copied) = self.city, self.copying()
        responses = item_sheet.respond(
            city.streams,
            city.items,
            ability=self.marks.ability[rows],
            place=self.pupils.place[rows],
            copied=copied,
            copied_rate=COPIED_RATE,
        )
        return rows, responses

    def copying(self) -> tuple[Integers, tuple[int, Integers] | None]:
        """Rows of the pupils who sat the item subject, and among them who copied from whom."""
        city = self.city
        subject = [subject.code for subject in city.settings.subjects].index(city.settings.item_subject)
        rows = (self.marks.codes[-1, subject] >= 0).nonzero()[0]
        copied = copying(
            city.streams,
            city.planted,
            class_row=self.pupils.class_row[rows],
            place=self.pupils.place[rows],
            ability=self.marks.ability[rows],
        )
        return rows, copied

    def _rows(self, exam: Exam, grade_level: int | None) -> Integers:
        here = sits(exam, self.pupils)
        if grade_level is not None:
            behind = int(exam.school_year != self.city.settings.exams[-1].school_year)
            # Not in place: that would be the pupils' own array.
            here = here & (self.pupils.grade_level == grade_level + behind)
        rows: Integers = here.nonzero()[0]
        return rows


def build_city(settings: CitySettings) -> City:
    """Draws a city's schools, classes, effects, items and anomalies; pupils come from :meth:`City.chunks`."""
    streams = Streams(settings.seed)
    schools = school_table(streams, schools=settings.schools)
    grades = grade_table(schools, pupils=settings.pupils)
    classes = class_table(grades)
    planted = plant(streams, settings, schools, classes)
    levels = entry_levels(streams, schools, poverty_pull=settings.marks.poverty_pull)
    return City(
        settings=settings,
        streams=streams,
        schools=schools,
        grades=grades,
        classes=classes,
        roll=roll_of(grades),
        effects=true_effects(streams, settings, entry_level=levels, class_count=classes.height),
        planted=planted,
        items=item_sheet.paper(streams, settings, bad_key_item=planted.bad_key_item),
    )
