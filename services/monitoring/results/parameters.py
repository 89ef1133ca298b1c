"""What the reading routes take: version, filters, format; and the results they lead to."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query

from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.results.catalog import BY_ADDRESS, OF_CANDIDATES, ResultTable
from services.monitoring.results.reading import ExportFormat
from services.monitoring.results.service import read as service
from services.monitoring.results.service.read import Reading
from shared.kernel.web.route import Session
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

Publisher = Annotated[Actor, Depends(PERMISSIONS.requires("results.publish"))]
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("results.read"))]
StandingsReader = Annotated[Actor, Depends(PERMISSIONS.requires("standings.read"))]

Version = Annotated[
    str | None, Query(max_length=40, description="1.0.0、1.0.* 或 1.*；默认为现行版本", examples=["1.*"])
]
Key = Annotated[str | None, Query(max_length=120)]
Level = Annotated[Literal["city", "county", "school", "class"] | None, Query()]
AspectKind = Annotated[
    Literal["item", "knowledge_point", "competency", "cognitive_level", "question_type", "total"] | None, Query()
]
ModelCode = Annotated[str | None, Query(max_length=400, description="增值模型代码；只有一个模型时可省略")]
Ranks = Annotated[
    bool, Query(description="一并给出名次与百分等级；义务教育阶段不提供 / ranks too; never in compulsory education")
]
Format = Annotated[ExportFormat, Query(alias="format")]
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "文件；X-Content-SHA256 为其校验值 / the file; X-Content-SHA256 is its checksum",
        "content": {export_format.media_type: {} for export_format in ExportFormat},
    }
}


def given(**filters: str | None) -> dict[str, str]:
    """The filters that were given."""
    return {name: value for name, value in filters.items() if value is not None}


def _filters(
    level: Level = None,
    subject: Key = None,
    county_code: Key = None,
    school_code: Key = None,
    class_code: Key = None,
    model: ModelCode = None,
    measure: Key = None,
    intake: Key = None,
    metric: Key = None,
    attribute: Key = None,
    group_value: Key = None,
    relation: Key = None,
    track: Key = None,
    line: Key = None,
    grade: Key = None,
    method: Key = None,
    other: Key = None,
    item: Key = None,
    option: Key = None,
    aspect: AspectKind = None,
    aspect_code: Key = None,
    kind: Key = None,
) -> dict[str, str]:
    return given(
        level=level,
        subject=subject,
        county_code=county_code,
        school_code=school_code,
        class_code=class_code,
        model=model_code(model),
        measure=measure,
        intake=intake,
        metric=metric,
        attribute=attribute,
        group_value=group_value,
        relation=relation,
        track=track,
        line=line,
        grade=grade,
        method=method,
        other=other,
        item=item,
        option=option,
        aspect=aspect,
        aspect_code=aspect_code,
        kind=kind,
    )


def model_code(text: str | None) -> str | None:
    """A model's code as it was meant: an unescaped ``+`` arrives as a blank, and no code holds a blank."""
    return text.replace(" ", "+") if text else None


#: Filters on key columns; a table refuses those it has no key of.
Filters = Annotated[dict[str, str], Depends(_filters)]


def table_of(address: str, *readings: Reading, among: Mapping[str, ResultTable] = BY_ADDRESS) -> ResultTable:
    """The table of an address, if one of the versions has it.

    Raises:
        DomainError: ``results.table_unknown``, the same for a table that the exam has no figures for as for no table.
    """
    there = [table for table in among.values() if any(table.name in reading.files for reading in readings)]
    known = next((table for table in there if table.address == address), None)
    if known is None:
        tables = ", ".join(table.address for table in there)
        raise DomainError("results.table_unknown", params={"table": address[:40], "tables": tables})
    return known


def _table(
    table: Annotated[str, Path(json_schema_extra={"enum": list(BY_ADDRESS)})], reading: "Results"
) -> ResultTable:
    return table_of(table, reading)


def _candidate_table(
    table: Annotated[str, Path(json_schema_extra={"enum": list(OF_CANDIDATES)})], reading: "StandingsResults"
) -> ResultTable:
    return table_of(table, reading, among=OF_CANDIDATES)


async def _read(code: ExamCode, session: Session, actor: Reader, version: Version = None) -> Reading:
    return await service.open_results(session, code=code, actor=actor, version=version)


async def _read_standings(code: ExamCode, session: Session, actor: StandingsReader, version: Version = None) -> Reading:
    reading = await service.open_results(session, code=code, actor=actor, version=version)
    if not reading.visibility.sees_candidates:
        raise DomainError("auth.forbidden", params={"action": "standings.read"})
    return reading


#: The version of an exam's results that is read.
Results = Annotated[Reading, Depends(_read)]
#: The same, for those who may see candidates.
StandingsResults = Annotated[Reading, Depends(_read_standings)]
#: The table that is read; one that the exam has no figures for is answered like one that does not exist.
Table = Annotated[ResultTable, Depends(_table)]
#: The table of the own school's candidates that is read.
CandidateTable = Annotated[ResultTable, Depends(_candidate_table)]
