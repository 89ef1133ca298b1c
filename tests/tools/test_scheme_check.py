"""``make scheme-check``: every fault with its place, and an exit code that a build can go by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scoring.scheme_texts import SMALL, SMALL_EXAMPLES
from tools.scheme_check import main


def put(folder: Path, scheme: str = SMALL, examples: str | None = SMALL_EXAMPLES) -> str:
    (folder / "small.yaml").write_text(scheme, "utf-8")
    if examples is not None:
        (folder / "small.examples.yaml").write_text(examples, "utf-8")
    return str(folder)


def test_a_sound_scheme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([put(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "1 个方案 schemes, 3 个算例 examples: 0 错误 error" in shown
    assert "尚未对照正式文件核实" in shown


def test_an_example_that_comes_out_otherwise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([put(tmp_path, examples=SMALL_EXAMPLES.replace("78.00", "79.00"))]) == 1
    shown = capsys.readouterr().out
    assert "middling" in shown
    assert "应为 79，算得 78" in shown


def test_a_law_that_is_broken_is_cited_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([put(tmp_path, SMALL.replace("zh: 生均图书", "zh: 升学率"))]) == 1
    shown = capsys.readouterr().out
    line = next(number for number, words in enumerate(SMALL.splitlines(), 1) if "code: B2" in words)
    assert f"small.yaml:{line}: 错误 error" in shown
    assert "《深化新时代教育评价改革总体方案》" in shown


def test_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([put(tmp_path, SMALL.replace("of: school", "of: shcool"))]) == 1
    assert "small.yaml:3: 错误 error" in capsys.readouterr().out
    assert main([put(tmp_path, examples="scheme: [small")]) == 1
    assert "small.examples.yaml:1: 错误 error" in capsys.readouterr().out


def test_one_file_alone_and_no_file_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = put(tmp_path, examples=None)
    assert main([f"{folder}/small.yaml"]) == 0
    assert "没有算例" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty")]) == 2
