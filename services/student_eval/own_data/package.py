"""The package that a pupil or guardian takes away: a JSON file per kind, and an index people can read."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from services.student_eval.own_data.parts import PARTS
from shared.kernel import clock
from shared.policy.student_consents import consent_policy

FORMAT = "education-quality-platform/own-data/1"


def package_of(student_key: str, held: Mapping[str, Sequence[Mapping[str, Any]]], at: dt.datetime) -> bytes:
    """A ZIP of JSON with its index. Blocks.

    Args:
        student_key: whose.
        held: everything that is held, by kind.
        at: when it was brought together.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        _add(package, "index.txt", ("\ufeff" + _index(student_key, held, at)).encode(), at)
        index = {
            "format": FORMAT,
            "student_key": student_key,
            "made_at": at,
            "files": {f"{code}.json": len(rows) for code, rows in held.items()},
        }
        _add(package, "index.json", _json(index), at)
        for code, rows in held.items():
            part = PARTS[code]
            content = {"code": code, "name": {"zh": part.zh, "en": part.en}, "count": len(rows), "items": list(rows)}
            _add(package, f"{code}.json", _json(content), at)
    return target.getvalue()


def _index(student_key: str, held: Mapping[str, Sequence[Any]], at: dt.datetime) -> str:
    made = at.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M")
    lines = [
        "学生综合素质评价：本人数据 / Student evaluation: one's own data",
        "",
        f"学生代号 / Pseudonym: {student_key}",
        f"导出时间（北京时间）/ Made at (China time): {made}",
        "",
        "文件 / Files:",
        *(f"  {code}.json  {PARTS[code].zh} / {PARTS[code].en}: {len(rows)}" for code, rows in held.items()),
        "",
        "没有内容的类别也列出，表示本系统没有保存该类数据。",
        "A kind without content is listed too: nothing of it is held.",
        "佐证材料只列目录，文件可在档案记录中下载。同学互评只有汇总，人数过少时不列。",
        "Files are listed and can be had at their records. Classmates' words are counts, and none where there are few.",
        "发现有误，可提出更正申请。谁读过这些数据，可在阅读记录中查看。",
        "If something is wrong, ask for a correction. Who has read the data is told in the log of readings.",
        "",
        "用途与依据 / Uses and their basis:",
        *(
            f"  {purpose.name['zh']} / {purpose.name['en']} ({purpose.basis}): {purpose.document}"
            for purpose in consent_policy().purposes.values()
        ),
        "",
    ]
    return "\r\n".join(lines)


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, default=_written).encode()


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _add(package: zipfile.ZipFile, name: str, content: bytes, at: dt.datetime) -> None:
    entry = zipfile.ZipInfo(name, at.astimezone(clock.CHINA).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(entry, content)
