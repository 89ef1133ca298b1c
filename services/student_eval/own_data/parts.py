"""Everything this service holds about a pupil, kind by kind. A new table with a ``student_key`` gets its line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.archive_samples.tables import SampledRecord
from services.student_eval.archives.tables import ArchiveEntry, ArchiveKeeper, SealedArchive
from services.student_eval.consents.tables import ConsentRecord
from services.student_eval.development_records.tables import ProcessRecord
from services.student_eval.development_results.tables import PupilDevelopment
from services.student_eval.development_words.tables import DevelopmentComment, DevelopmentWord, PeerWord
from services.student_eval.guardianships.tables import Guardianship
from services.student_eval.retention.tables import LegalHold, RetentionItem


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of data.

    Args:
        code: its code, and the name of its file.
        zh: its name in Chinese.
        en: its name in English.
        table: the table, where its rows carry the pupil's key; other kinds are gathered in ``gathering.py``.
        is_counted: told as counts alone, because each row is somebody else's word who was promised to stay unknown.
    """

    code: str
    zh: str
    en: str
    table: Any = None
    is_counted: bool = False


#: In the order of the index.
PARTS: Mapping[str, Part] = {
    part.code: part
    for part in (
        Part("archive", "综合素质档案全部记载", "Every entry of the archive", ArchiveEntry),
        Part("archive_keeper", "档案保管学校", "The school that keeps the archive", ArchiveKeeper),
        Part("sealed_archives", "已封存档案", "Sealed archives", SealedArchive),
        Part("evidence", "佐证材料目录", "Files attached to records"),
        Part("sampled_records", "抽中核查的记录", "Records drawn for examination", SampledRecord),
        Part("record_cancellations", "拟取消与已取消的记录", "Cancellations of records", RecordCancellation),
        Part("findings", "核查中的待核实事项", "Questions raised about one's records"),
        Part("fitness", "体质健康测试结果", "Fitness results"),
        Part("classes", "所在班级学期名单", "Terms of classes one is listed in"),
        Part(
            "development_words",
            "发展质量评价：教师、自评、家长",
            "Development: teacher, self, guardians",
            DevelopmentWord,
        ),
        Part("development_comments", "班主任评语", "Comments of class teachers", DevelopmentComment),
        Part("peer_words", "同学互评（只有汇总）", "Classmates' words (counts alone)", PeerWord, is_counted=True),
        Part("process_records", "写实记录与里程碑", "Process records and milestones", ProcessRecord),
        Part("developments", "发展质量评价等级", "Grades of development", PupilDevelopment),
        Part("guardianships", "监护关系", "Guardianships", Guardianship),
        Part("consents", "同意与告知记录", "Consents and notices", ConsentRecord),
        Part("retention", "保存期满与清除记录", "What was past its time, and what became of it", RetentionItem),
        Part("legal_holds", "依法保全", "Orders to keep", LegalHold),
        Part("corrections", "更正申请", "Requests for correction"),
    )
}

#: What is not told: accounts, other people's keys, and what serves the database alone.
_INNER = frozenset({"by", "id", "seq", "version", "appellant", "assignee", "author"})


def told(row: Any) -> dict[str, Any]:
    """A row's columns as the pupil is told them: who acted is told by role and organization, never by account."""
    names = [column.key for column in row.__table__.columns]
    return {name: getattr(row, name) for name in names if not is_inner(name)}


def is_inner(column: str) -> bool:
    """Whether a column stays inside."""
    is_somebody = column.endswith("_by") or (column.endswith("_key") and column not in ("student_key", "subject_key"))
    return column in _INNER or is_somebody
