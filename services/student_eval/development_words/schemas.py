"""What is said of pupils, as callers write and read it."""

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.development_terms.schemas import StudentKey
from services.student_eval.development_words.tables import DevelopmentWord, PeerGroup
from shared.kernel.web.fields import OwnCode, Strict
from shared.kits.fields import Caption, Words
from shared.kits.schemes.said import LeafCode

Level = Annotated[str, StringConstraints(min_length=1, max_length=20)]
#: A class of sixty on every checkpoint of a table.
MOST_WORDS = 5_000


class OwnWordIn(Strict):
    """A level on a checkpoint; ``null`` takes back what was said."""

    leaf: LeafCode
    level: Level | None
    note: Caption | None = None


class OwnWordsIn(Strict):
    """Words on one pupil, all or none."""

    items: list[OwnWordIn] = Field(min_length=1, max_length=200)


class WordIn(OwnWordIn):
    """A level of one pupil of the class."""

    student_key: StudentKey


class WordsIn(Strict):
    """Words on many pupils; those without a fault are taken."""

    items: list[WordIn] = Field(min_length=1, max_length=MOST_WORDS)


class CommentIn(Strict):
    """What the class teacher writes to a pupil."""

    student_key: StudentKey
    text: Words


class CommentsIn(Strict):
    """Comments to many pupils; those without a fault are taken."""

    items: list[CommentIn] = Field(min_length=1, max_length=200)


class PeerGroupIn(Strict):
    """Classmates who describe each other."""

    members: list[StudentKey] = Field(min_length=1, max_length=60)


class PeerWordIn(Strict):
    """A level of a classmate."""

    student_key: StudentKey
    leaf: LeafCode
    level: Level


class PeerSheetIn(Strict):
    """What somebody says of the classmates of the group: once, and never to be led back."""

    items: list[PeerWordIn] = Field(min_length=1, max_length=1_000)


class TakenOut(BaseModel):
    """What came of many words: refused ones are listed, with their place in the body."""

    written: int
    unchanged: int
    refused: int
    errors: list[dict[str, Any]]


class WordOut(BaseModel):
    """The last word of a source on a checkpoint."""

    student_key: str
    leaf: str
    source: str
    level: str | None
    note: str | None
    set_at: dt.datetime


class WordsOut(BaseModel):
    """Last words, by pupil, checkpoint and source."""

    items: list[WordOut]


class PeerGroupOut(BaseModel):
    """A group of classmates; how many sheets are in, not whose."""

    code: OwnCode
    members: list[str]
    sheet_count: int
    version: int


class PeerGroupsOut(BaseModel):
    """Groups of a class."""

    items: list[PeerGroupOut]


class OwnPeerGroupOut(BaseModel):
    """Whom a pupil is asked to describe, named as classmates know each other, and on what."""

    code: OwnCode
    classmates: list[dict[str, str]]
    leaves: list[str]
    is_handed_in: bool


class HandedInOut(BaseModel):
    """A sheet is in."""

    words: int


class StandingOut(BaseModel):
    """What is still missing before a class is reported."""

    students: int
    without_judgement: list[str]
    without_comment: list[str]
    self_evaluated: int
    guardian_evaluated: int


def word_out(row: DevelopmentWord) -> WordOut:
    """A word."""
    return WordOut(**{name: getattr(row, name) for name in WordOut.model_fields})


def group_out(row: PeerGroup, sheet_count: int) -> PeerGroupOut:
    """A group."""
    return PeerGroupOut(code=row.code, members=row.members, sheet_count=sheet_count, version=row.version)
