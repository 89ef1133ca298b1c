"""What the roster promises other services, under pseudonyms: schools, classes, pupils, staff; a client and a fake."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import polars as pl

from shared.kernel.client import GatewayClient, RemoteRefusalError
from shared.terms.ages import age_on
from shared.terms.organization import school_path

PREFIX = "/api/v1/roster"
#: More schools than this do not fit into an address; all are fetched then, and the others left out here.
MAX_SCHOOLS_IN_QUERY = 200

ENROLLMENT_SCHEMA: dict[str, pl.DataType] = {
    "student_key": pl.String(),
    "school_code": pl.String(),
    "county_code": pl.String(),
    "class_code": pl.String(),
    "grade_level": pl.Int64(),
    "status": pl.String(),
    "entered_on": pl.Date(),
    "left_on": pl.Date(),
}
"""Columns of :meth:`Roster.export_enrollments`, ordered by school, class and pupil."""


STAFF_SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "name": pl.String(),
    "school_code": pl.String(),
    "county_code": pl.String(),
    "status": pl.String(),
    "sex": pl.String(),
    "birth_year": pl.Int64(),
    "staffing_category": pl.String(),
    "post": pl.String(),
    "professional_title": pl.String(),
    "education_level": pl.String(),
}
"""Columns of :meth:`Roster.export_staff`, ordered by school and key; names are masked without ``roster.personal``."""


TEACHING_SCHEMA: dict[str, pl.DataType] = {
    "staff_key": pl.String(),
    "school_code": pl.String(),
    "county_code": pl.String(),
    "class_code": pl.String(),
    "grade_level": pl.Int64(),
    "class_type": pl.String(),
    "kind": pl.String(),
    "subject": pl.String(),
    "share": pl.Float64(),
    "starts_on": pl.Date(),
    "ends_on": pl.Date(),
    "status": pl.String(),
}
"""Columns of :meth:`Roster.export_teaching_assignments`, by school, class, kind, subject and person.

``share`` is 0 to 1; ``subject`` is a code of the code list, null for posts of class teachers.
"""


STUDENT_SCHEMA: dict[str, pl.DataType] = {
    "student_key": pl.String(),
    "name": pl.String(),
    "sex": pl.String(),
    "school_code": pl.String(),
}
"""Columns of :meth:`Roster.export_students`, ordered by school and key; names are masked without ``roster.personal``."""


AGE_SCHEMA: dict[str, pl.DataType] = {"student_key": pl.String(), "age": pl.Int64()}
"""Columns of :meth:`Roster.ages`, by student; ``age`` is null without ``roster.personal``."""


@dataclass(frozen=True, slots=True)
class School:
    """A school: codes of the roster's code lists, stages as of :class:`shared.terms.education.Stage`."""

    school_code: str
    name: str
    county_code: str
    school_type: str
    stages: tuple[str, ...]
    urban_rural: str | None = None
    ownership: str | None = None
    is_closed: bool = False
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    @property
    def org_path(self) -> str:
        """Its organization path."""
        return school_path(self.county_code, self.school_code)


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class of a school in a school year."""

    school_code: str
    school_year: str
    class_code: str
    name: str
    grade_level: int
    class_type: str


class Roster(Protocol):
    """What other services may ask the roster; every answer is limited to the caller's organization."""

    async def schools(self) -> list[School]:
        """Every school, by code."""
        ...

    async def classes(
        self, *, school_year: str, grade_level: int | None = None, school_code: str | None = None
    ) -> list[SchoolClass]:
        """Classes of a school year, by key."""
        ...

    async def export_enrollments(
        self,
        *,
        school_year: str,
        grade_level: int | None = None,
        school_codes: Collection[str] | None = None,
        status: str | None = None,
    ) -> pl.DataFrame:
        """Enrollments of a school year (``ENROLLMENT_SCHEMA``); all statuses unless one is given."""
        ...

    async def export_staff(self, *, school_code: str | None = None, status: str | None = None) -> pl.DataFrame:
        """Staff of a school, or of the caller's whole organization (``STAFF_SCHEMA``)."""
        ...

    async def export_teaching_assignments(
        self, *, school_year: str, school_code: str | None = None, status: str | None = None
    ) -> pl.DataFrame:
        """Who teaches what in which class in a school year (``TEACHING_SCHEMA``); withdrawn rows too unless asked."""
        ...

    async def export_students(self, *, school_code: str) -> pl.DataFrame:
        """Students whose record a school keeps (``STUDENT_SCHEMA``)."""
        ...

    async def ages(self, *, school_code: str, day: dt.date) -> pl.DataFrame:
        """Whole years on a day of the students whose record a school keeps (``AGE_SCHEMA``)."""
        ...

    async def age_of(self, student_key: str, day: dt.date) -> int | None:
        """Whole years of a student on a day; ``None`` where it is not known, or not the caller's to know."""
        ...


class RosterClient(GatewayClient):
    """The roster behind the gateway."""

    async def schools(self) -> list[School]:
        """Every school of the caller's organization, by code."""
        content = await self.download(f"{PREFIX}/schools:export", {"format": "parquet"})
        return [_school(row) for row in pl.read_parquet(io.BytesIO(content)).iter_rows(named=True)]

    async def classes(
        self, *, school_year: str, grade_level: int | None = None, school_code: str | None = None
    ) -> list[SchoolClass]:
        """Classes of a school year, by key."""
        query = {"school_year": school_year, "grade_level": grade_level, "school_code": school_code}
        names = SchoolClass.__slots__
        found = self.items(f"{PREFIX}/classes", query)
        return [SchoolClass(**{name: item[name] for name in names}) async for item in found]

    async def export_enrollments(
        self,
        *,
        school_year: str,
        grade_level: int | None = None,
        school_codes: Collection[str] | None = None,
        status: str | None = None,
    ) -> pl.DataFrame:
        """Enrollments of a school year (``ENROLLMENT_SCHEMA``); all statuses unless one is given.

        Raises:
            RemoteRefusalError: 404 when one of ``school_codes`` (up to 200) is not the caller's.
        """
        if school_codes is not None and not school_codes:
            return pl.DataFrame(schema=ENROLLMENT_SCHEMA)
        fits = school_codes is not None and len(school_codes) <= MAX_SCHOOLS_IN_QUERY
        query = {
            "school_year": school_year,
            "grade_level": grade_level,
            "status": status,
            "school_codes": ",".join(sorted(school_codes)) if school_codes and fits else None,
            "format": "parquet",
        }
        content = await self.download(f"{PREFIX}/enrollments:export", query)
        frame = pl.read_parquet(io.BytesIO(content))
        return frame if school_codes is None or fits else _of_schools(frame, school_codes)

    async def export_staff(self, *, school_code: str | None = None, status: str | None = None) -> pl.DataFrame:
        """Staff of a school, or of the caller's whole organization (``STAFF_SCHEMA``)."""
        query = {"school_code": school_code, "status": status, "format": "parquet"}
        return pl.read_parquet(io.BytesIO(await self.download(f"{PREFIX}/staff:export", query)))

    async def export_teaching_assignments(
        self, *, school_year: str, school_code: str | None = None, status: str | None = None
    ) -> pl.DataFrame:
        """Who teaches what in which class in a school year (``TEACHING_SCHEMA``); withdrawn rows too unless asked."""
        query = {"school_year": school_year, "school_code": school_code, "status": status, "format": "parquet"}
        return pl.read_parquet(io.BytesIO(await self.download(f"{PREFIX}/teaching-assignments:export", query)))

    async def ages(self, *, school_code: str, day: dt.date) -> pl.DataFrame:
        """Whole years on a day of the students whose record a school keeps (``AGE_SCHEMA``)."""
        query = {"school_code": school_code, "on": day.isoformat(), "format": "parquet"}
        return pl.read_parquet(io.BytesIO(await self.download(f"{PREFIX}/students:ages", query)))

    async def age_of(self, student_key: str, day: dt.date) -> int | None:
        """Whole years of a student; the day of birth goes no further than here."""
        try:
            answer = await self.request("GET", f"{PREFIX}/students/{student_key}")
        except RemoteRefusalError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            return None
        born_on = answer.json()["birth_date"]
        return None if born_on is None else age_on(dt.date.fromisoformat(born_on), day)

    async def export_students(self, *, school_code: str) -> pl.DataFrame:
        """Students whose record a school keeps (``STUDENT_SCHEMA``)."""
        query = {"school_code": school_code, "format": "parquet"}
        return pl.read_parquet(io.BytesIO(await self.download(f"{PREFIX}/students:export", query)))


class FakeRoster:
    """A roster in memory, for tests of other services.

    Args:
        schools: the schools there are.
        enrollments: frame of ``ENROLLMENT_SCHEMA`` with ``school_year`` added.
        classes: the classes there are.
        staff: frame of ``STAFF_SCHEMA``.
        teaching: frame of ``TEACHING_SCHEMA`` with ``school_year`` added.
        students: frame of ``STUDENT_SCHEMA``.
        births: days of birth by student, of those whose it knows.
    """

    def __init__(
        self,
        schools: Iterable[School],
        enrollments: pl.DataFrame | None = None,
        *,
        classes: Iterable[SchoolClass] = (),
        staff: pl.DataFrame | None = None,
        teaching: pl.DataFrame | None = None,
        students: pl.DataFrame | None = None,
        births: Mapping[str, dt.date] | None = None,
    ) -> None:
        self._births = dict(births or {})
        self._schools = sorted(schools, key=lambda school: school.school_code)
        self._classes = sorted(classes, key=lambda each: (each.school_code, each.school_year, each.class_code))
        schema = {**ENROLLMENT_SCHEMA, "school_year": pl.String()}
        self._staff = pl.DataFrame(schema=STAFF_SCHEMA) if staff is None else staff.select(*STAFF_SCHEMA)
        of_year = {**TEACHING_SCHEMA, "school_year": pl.String()}
        self._teaching = pl.DataFrame(schema=of_year) if teaching is None else teaching.select(*of_year)
        self._students = pl.DataFrame(schema=STUDENT_SCHEMA) if students is None else students.select(*STUDENT_SCHEMA)
        known = pl.DataFrame(schema=schema) if enrollments is None else enrollments
        self._enrollments = known.select(pl.col(name).cast(dtype) for name, dtype in schema.items())

    async def schools(self) -> list[School]:
        """Every school, by code."""
        return list(self._schools)

    async def classes(
        self, *, school_year: str, grade_level: int | None = None, school_code: str | None = None
    ) -> list[SchoolClass]:
        """Classes of a school year, by key."""
        return [
            each
            for each in self._classes
            if each.school_year == school_year
            and grade_level in (None, each.grade_level)
            and school_code in (None, each.school_code)
        ]

    async def export_enrollments(
        self,
        *,
        school_year: str,
        grade_level: int | None = None,
        school_codes: Collection[str] | None = None,
        status: str | None = None,
    ) -> pl.DataFrame:
        """Enrollments of a school year, filtered and ordered as the service does."""
        frame = self._enrollments.filter(pl.col("school_year") == school_year).drop("school_year")
        if grade_level is not None:
            frame = frame.filter(pl.col("grade_level") == grade_level)
        if status is not None:
            frame = frame.filter(pl.col("status") == status)
        if school_codes is not None:
            frame = _of_schools(frame, school_codes)
        return frame.sort("school_code", "class_code", "student_key", nulls_last=True)

    async def export_staff(self, *, school_code: str | None = None, status: str | None = None) -> pl.DataFrame:
        """Staff, filtered and ordered as the service does."""
        frame = self._staff.filter(
            pl.lit(True) if school_code is None else pl.col("school_code") == school_code,
            pl.lit(True) if status is None else pl.col("status") == status,
        )
        return frame.sort("school_code", "staff_key")

    async def export_teaching_assignments(
        self, *, school_year: str, school_code: str | None = None, status: str | None = None
    ) -> pl.DataFrame:
        """Teaching assignments, filtered and ordered as the service does."""
        frame = self._teaching.filter(
            pl.col("school_year") == school_year,
            pl.lit(True) if school_code is None else pl.col("school_code") == school_code,
            pl.lit(True) if status is None else pl.col("status") == status,
        )
        ordered = frame.sort("school_code", "class_code", "kind", "subject", "staff_key", "starts_on")
        return ordered.drop("school_year")

    async def ages(self, *, school_code: str, day: dt.date) -> pl.DataFrame:
        """Ages of the students of a school it knows, with or without their day of birth."""
        enrolled = self._enrollments.filter(pl.col("school_code") == school_code)["student_key"]
        kept = self._students.filter(pl.col("school_code") == school_code)["student_key"]
        keys = pl.concat([enrolled, kept]).unique().sort()
        born = [self._births.get(key) for key in keys]
        ages = [None if day_of is None else age_on(day_of, day) for day_of in born]
        return pl.DataFrame({"student_key": keys, "age": ages}, schema=AGE_SCHEMA)

    async def age_of(self, student_key: str, day: dt.date) -> int | None:
        """Whole years of a student, as the service tells them."""
        born_on = self._births.get(student_key)
        return None if born_on is None else age_on(born_on, day)

    async def export_students(self, *, school_code: str) -> pl.DataFrame:
        """Students of a school, ordered as the service does."""
        return self._students.filter(pl.col("school_code") == school_code).sort("student_key")


def _of_schools(frame: pl.DataFrame, school_codes: Collection[str]) -> pl.DataFrame:
    return frame.filter(pl.col("school_code").is_in(sorted(school_codes)))


def _school(row: Mapping[str, Any]) -> School:
    return School(
        school_code=row["school_code"],
        name=row["name"],
        county_code=row["county_code"],
        school_type=row["school_type"],
        stages=tuple(row["stages"].split(";")),
        urban_rural=row["urban_rural"],
        ownership=row["ownership"],
        is_closed=row["closed_on"] is not None,
        attributes=json.loads(row["attributes"]),
    )
