import os
import stat
from pathlib import Path

import pytest

from shared.kernel.identity.keys import SigningKey
from shared.kernel.identity.signing_keys import (
    key_source_of,
    open_signing_keys,
    prepare_rotation,
    read_signing_keys,
    rotate,
)


def test_a_first_key_is_made_private_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "signing"
    first = open_signing_keys(folder)
    assert stat.S_IMODE((folder / "current.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert open_signing_keys(folder).current.kid == first.current.kid
    assert [file.name for file in folder.iterdir()] == ["current.json"]
    assert [key["kid"] for key in first.jwks()["keys"]] == [first.current.kid]
    assert all("d" not in key for key in first.jwks()["keys"])


def test_rotation_publishes_before_it_signs_and_keeps_the_former(tmp_path: Path) -> None:
    first = open_signing_keys(tmp_path).current.kid
    waiting = prepare_rotation(tmp_path)
    assert waiting.current.kid == first
    (second,) = (key.kid for key in waiting.others)
    assert prepare_rotation(tmp_path).others[0].kid == second
    rotated = rotate(tmp_path)
    assert rotated.current.kid == second
    assert first in rotated.public
    prepare_rotation(tmp_path)
    assert first not in rotate(tmp_path).public


def test_rotation_without_a_successor_changes_nothing(tmp_path: Path) -> None:
    kid = open_signing_keys(tmp_path).current.kid
    with pytest.raises(FileNotFoundError):
        rotate(tmp_path)
    assert read_signing_keys(tmp_path).current.kid == kid


def test_a_crash_between_the_steps_of_a_rotation_leaves_working_keys(tmp_path: Path) -> None:
    open_signing_keys(tmp_path)
    second = prepare_rotation(tmp_path).others[0].kid
    (tmp_path / "previous.json").write_text((tmp_path / "current.json").read_text())
    (tmp_path / "previous.json").chmod(0o600)
    (tmp_path / "current.json").write_text((tmp_path / "next.json").read_text())
    keys = read_signing_keys(tmp_path)
    assert keys.current.kid == second
    assert len(keys.others) == 1


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    open_signing_keys(tmp_path)
    (tmp_path / "current.json").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        open_signing_keys(tmp_path)


def test_a_half_written_file_of_another_process_is_not_read(tmp_path: Path) -> None:
    open_signing_keys(tmp_path)
    (tmp_path / ".abc.new").write_text("{")
    (tmp_path / ".abc.json").write_text("{")
    assert read_signing_keys(tmp_path).others == ()


def test_the_first_of_two_starting_processes_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    winner = SigningKey.generate()
    link = os.link

    def slower(source: Path, target: Path) -> None:
        target.write_text(winner.to_json())
        target.chmod(0o600)
        link(source, target)

    monkeypatch.setattr(os, "link", slower)
    assert open_signing_keys(tmp_path).current.kid == winner.kid


@pytest.mark.anyio
async def test_the_folder_is_a_key_source(tmp_path: Path) -> None:
    kid = open_signing_keys(tmp_path).current.kid
    assert kid in await key_source_of(tmp_path).keys_for(kid)
