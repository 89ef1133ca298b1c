"""A half-configured service refuses to start and says what is missing."""

import base64
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from shared.kernel.logging import strike_out_personal
from shared.kernel.personal import FieldCipher, person_key
from shared.kernel.receipt import receipt_holds, signed_receipt
from shared.kernel.settings import ConfigurationError, load_settings
from tests.kernel.sample.service import SampleSettings


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_everything_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SAMPLE_PORT="no number", SAMPLE_DATBASE_URL="typo")
    with pytest.raises(ConfigurationError) as refusal:
        load_settings(SampleSettings)
    for name in (
        "SAMPLE_DATABASE_URL is not set",
        "SAMPLE_JWKS is not set",
        "SAMPLE_PORT:",
        "SAMPLE_DATBASE_URL is not",
    ):
        assert name in str(refusal.value)


def test_a_whole_configuration_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(
        monkeypatch,
        SAMPLE_DATABASE_URL="postgresql+asyncpg://x/y",
        SAMPLE_SECRETS_DIR=str(tmp_path),
        SAMPLE_JWKS="keys.json",
        SAMPLE_ISSUER="https://i",
        ENV="test",
    )
    settings = load_settings(SampleSettings)
    assert settings.env == "test"
    assert "postgresql" not in repr(settings)
    with pytest.raises(ConfigurationError, match="field_key"):
        settings.key("field_key")
    (tmp_path / "field_key").write_text(base64.b64encode(b"short").decode())
    with pytest.raises(ConfigurationError, match="5 bytes"):
        settings.key("field_key")


def test_personal_fields() -> None:
    cipher = FieldCipher(b"k" * 32)
    stored = cipher.encrypt("G990001201501010019", place="students.number")
    assert cipher.decrypt(stored, place="students.number") == "G990001201501010019"
    assert stored != cipher.encrypt("G990001201501010019", place="students.number")
    with pytest.raises(InvalidTag):
        cipher.decrypt(stored, place="staff.number")
    assert person_key("g99", b"k" * 32) == person_key(" G99 ", b"k" * 32)
    assert person_key("\uff27\uff19\uff19", b"k" * 32) == person_key("G99", b"k" * 32)
    assert person_key("G99", b"k" * 32) != person_key("G99", b"j" * 32)
    assert len(person_key("G99", b"k" * 32)) == 26


def test_receipts_hold_until_touched() -> None:
    receipt = signed_receipt({"rows": 3, "名": "值"}, b"k" * 32)
    assert receipt_holds(receipt, b"k" * 32)
    assert not receipt_holds({**receipt, "rows": 4}, b"k" * 32)
    assert not receipt_holds(receipt, b"j" * 32)


def test_logs_strike_out_what_looks_personal() -> None:
    event = {"event": "G990001201501010019 and 13800138000", "count": 3, "request_id": "990001201501010019"}
    struck = strike_out_personal(None, "info", event)
    assert struck["event"] == "[struck out] and [struck out]"
    assert struck["request_id"] == "990001201501010019"
