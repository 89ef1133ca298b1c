"""Terms of classes as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.development_terms.rules import DEVELOPMENT_LIFE, DevelopmentState
from services.student_eval.development_terms.tables import DevelopmentTerm
from shared.kernel.web.fields import OwnCode, StaffKey, Strict
from shared.kernel.web.organizations import code_of
from shared.scoring.rules.levels import Levels
from shared.scoring.scheme.tree import Branch, Leaf, Scheme

StudentKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]


class DevelopmentTermIn(Strict):
    """A class's semester to open, and the published scheme that describes its pupils."""

    class_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    semester: Literal[1, 2]
    scheme: OwnCode = "compulsory_student"
    scheme_version: int = Field(ge=1)
    as_of: dt.date | None = Field(default=None, description="方案取值日期，默认当天 / day whose weights count")


class TeachersIn(Strict):
    """Who teaches the class: they observe and judge its pupils."""

    teachers: list[StaffKey] = Field(min_length=1, max_length=40)


class DevelopmentTermOut(BaseModel):
    """A class's semester."""

    id: uuid.UUID
    organization: str
    class_code: str
    grade_level: int
    school_year: str
    semester: int
    state: str
    steps: list[str]
    scheme: str
    scheme_version: int
    as_of: dt.date
    student_count: int
    teacher_count: int
    version: int


class PupilOut(BaseModel):
    """A pupil of the class, as named to the own school."""

    student_key: str
    name: str


class PupilsOut(BaseModel):
    """Pupils of a class."""

    items: list[PupilOut]


class NodeOut(BaseModel):
    """A dimension, indicator or checkpoint of the scheme; levels are those of a checkpoint, best first."""

    code: str
    parent: str | None
    name: dict[str, str]
    is_leaf: bool
    is_computed: bool
    levels: list[str]
    evaluators: list[str]


class TableOut(BaseModel):
    """The table of a term."""

    scheme: str
    name: dict[str, str]
    document: str | None
    is_verified: bool
    grades: list[dict[str, str]]
    nodes: list[NodeOut]


def term_out(row: DevelopmentTerm) -> DevelopmentTermOut:
    """A term."""
    return DevelopmentTermOut(
        id=row.id,
        organization=code_of(row.org_path),
        class_code=row.class_code,
        grade_level=row.grade_level,
        school_year=row.school_year,
        semester=row.semester,
        state=row.state,
        steps=list(DEVELOPMENT_LIFE.actions(DevelopmentState(row.state))),
        scheme=row.scheme_code,
        scheme_version=row.scheme_number,
        as_of=row.as_of,
        student_count=len(row.members),
        teacher_count=len(row.teachers),
        version=row.version,
    )


def table_out(scheme: Scheme) -> TableOut:
    """The table of a scheme; no weights or shares: they say nothing to a child."""
    return TableOut(
        scheme=scheme.code,
        name=_name(scheme),
        document=scheme.document,
        is_verified=scheme.is_verified,
        grades=[{"grade": band.grade, "zh": band.name.zh, "en": band.name.en} for band in scheme.grades],
        nodes=[_node(above, node) for above, node in scheme.nodes()],
    )


def _node(above: tuple[str, ...], node: Branch | Leaf) -> NodeOut:
    leaf = node if isinstance(node, Leaf) else None
    return NodeOut(
        code=node.code,
        parent=above[-1] if above else None,
        name=_name(node),
        is_leaf=leaf is not None,
        is_computed=leaf is not None and leaf.evaluators == ("platform",),
        levels=list(leaf.rule.choices) if leaf is not None and isinstance(leaf.rule, Levels) else [],
        evaluators=[] if leaf is None else list(leaf.evaluators),
    )


def _name(node: Scheme | Branch | Leaf) -> dict[str, str]:
    return {"zh": node.name.zh, "en": node.name.en}
