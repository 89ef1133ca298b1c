"""What a file is, whatever its name says; what swells, runs or is locked is not taken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kits.evidence.names import LONGEST, safe_name
from shared.kits.evidence.recognition import recognize
from shared.terms.errors import DomainError
from tests.kits.evidence import files

ODT = files.archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.PDF, "application/pdf"),
        (files.jpeg(), "image/jpeg"),
        (files.png(), "image/png"),
        (files.GIF, "image/gif"),
        (files.WEBP, "image/webp"),
        (files.HEIC, "image/heic"),
        (files.MP4, "video/mp4"),
        (files.MOV, "video/quicktime"),
        (files.WEBM, "video/webm"),
        (files.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (ODT, "application/vnd.oasis.opendocument.text"),
        (files.compound("WordDocument"), "application/msword"),
        (files.compound("Workbook"), "application/vnd.ms-excel"),
        ("听课记录，第一节".encode(), "text/plain; charset=utf-8"),
        ("听课记录，第一节".encode("gb18030"), "text/plain; charset=gb18030"),
        (b"a,b\r\n1,2\r\n", "text/plain; charset=utf-8"),
    ],
)
def test_files_are_known_by_their_content(tmp_path: Path, content: bytes, media_type: str) -> None:
    path = tmp_path / "body"
    path.write_bytes(content)
    assert recognize(path).media_type == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "evidence.empty"),
        (b"MZ\x90\x00" + b"\0" * 60, "evidence.type_refused"),
        (b"\x7fELF" + b"\0" * 60, "evidence.type_refused"),
        (files.SVG, "evidence.type_refused"),
        (b"  <!DOCTYPE html><script>x</script>", "evidence.type_refused"),
        (b"<?php system($_GET[0]);", "evidence.type_refused"),
        (bytes(range(256)) * 8, "evidence.type_refused"),
        (files.archive({"a.txt": b"x"}), "evidence.type_refused"),
        (files.docx(**{"word/vbaProject.bin": b"x"}), "evidence.macros"),
        (files.compound("WordDocument", "_VBA_PROJECT"), "evidence.macros"),
        (files.compound("EncryptedPackage"), "evidence.encrypted"),
        (files.compound("Something"), "evidence.type_refused"),
        (files.docx()[:-40], "evidence.damaged"),
        (files.docx(**{"../../etc/passwd": b"x"}), "evidence.damaged"),
        (files.docx(**{"word/media/a.bin": b"\0" * (20 * 2**20)}), "evidence.bomb"),
        (files.docx(**{f"word/media/{n}": b"" for n in range(5_001)}), "evidence.bomb"),
        (files.png(60_000, 60_000), "evidence.bomb"),
        (files.jpeg(60_000, 60_000), "evidence.bomb"),
        (b"\x89PNG\r\n\x1a\n", "evidence.damaged"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "body"
    path.write_bytes(content)
    with pytest.raises(DomainError) as refused:
        recognize(path)
    assert refused.value.code == code


def test_a_size_that_lies_is_damage(tmp_path: Path) -> None:
    content = bytearray(files.docx(**{"word/media/a.bin": b"\0" * 100_000}))
    # The declared size of the last entry, in the central directory: 100,000 becomes 1.
    at = content.rfind((100_000).to_bytes(4, "little"))
    content[at : at + 4] = (1).to_bytes(4, "little")
    path = tmp_path / "body"
    path.write_bytes(bytes(content))
    with pytest.raises(DomainError) as refused:
        recognize(path)
    assert refused.value.code == "evidence.damaged"


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("自评报告.pdf", "自评报告.pdf"),
        ("自评报告.PDF", "自评报告.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\用户\\报告.pdf", "报告.pdf"),
        ("报告.pdf.exe", "报告.pdf.exe.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("con.pdf", "_con.pdf"),
        ('a<b>:"c|?*.pdf', "a_b___c___.pdf"),
        ("G990001201501010011.pdf", "G******.pdf"),
        ("...", "文件.pdf"),
        (None, "文件.pdf"),
        ("", "文件.pdf"),
    ],
)
def test_names_are_made_safe(given_name: str | None, expected: str) -> None:
    assert safe_name(given_name, (".pdf",)) == expected


@given(st.text(max_size=300))
def test_a_safe_name_is_safe_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name, (".jpg", ".jpeg"))
    assert safe_name(safe, (".jpg", ".jpeg")) == safe
    assert safe.endswith((".jpg", ".jpeg"))
    assert len(safe) <= LONGEST + 1
    assert not set('/\\<>:"|?*\r\n\0') & set(safe)
    assert not safe.startswith(".")
