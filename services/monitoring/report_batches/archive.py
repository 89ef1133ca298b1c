"""The archive of a batch: one PDF per school and subject. Everything here blocks: call it in a thread."""

from __future__ import annotations

import hashlib
import os
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from services.monitoring.reports.printing.document import printed_report
from services.monitoring.reports.printing.template import REPORT
from services.monitoring.reports.service import Asked, make_report
from shared.kernel.printing.typesetter import Typesetter
from shared.terms.errors import DomainError

#: The same reports give the same archive: no file carries the moment it was written.
_WRITTEN = (1980, 1, 1, 0, 0, 0)
_NO_ROWS = "resource.not_found"


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that is in its place."""

    sha256: str
    size: int
    report_count: int


def archive_path(store: Path, batch_id: uuid.UUID) -> Path:
    """Where the archive of a batch lies; swept with the store's files once no row names it."""
    return store / "report-batches" / f"{batch_id}.zip"


def write_archive(
    target: Path,
    asked: Mapping[str, Asked],
    *,
    printed_at: int,
    report: Callable[[int, int], None],
) -> Archive:
    """Prints every report into one archive, which appears as a whole or not at all.

    Args:
        target: where it is to lie.
        asked: the reports by the name of their file; those of which no row is shown are left out.
        printed_at: when the results were published, in seconds since 1970.
        report: told how many are done of how many; raises when the work must stop.

    Raises:
        DomainError: ``report.printing_unavailable``, ``report.printing_failed``, ``server.storage_full``.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.stem}-{uuid.uuid4()}.tmp")
    try:
        with temporary.open("xb") as file:
            count = _write(file, asked, printed_at=printed_at, report=report)
            file.flush()
            os.fsync(file.fileno())
        with temporary.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = temporary.stat().st_size
        temporary.rename(target)
    except OSError as error:
        raise DomainError("server.storage_full") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Archive(digest, size, count)


def _write(file: IO[bytes], asked: Mapping[str, Asked], *, printed_at: int, report: Callable[[int, int], None]) -> int:
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive, Typesetter(REPORT) as typesetter:
        for done, (name, wanted) in enumerate(asked.items()):
            report(done, len(asked))
            try:
                document = make_report(wanted)
            except DomainError as error:
                if error.code != _NO_ROWS:
                    raise
                continue
            if _is_withheld(document["sections"]):
                continue
            pdf = typesetter.print(printed_report(document), timestamp=printed_at)
            archive.writestr(zipfile.ZipInfo(name, _WRITTEN), pdf)
            count += 1
    return count


def _is_withheld(sections: Sequence[Mapping[str, Any]]) -> bool:
    return all(section["group"]["mean"]["value"] is None for section in sections)
