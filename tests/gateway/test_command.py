import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import command

FIXED = {"GATEWAY_DATABASE_URL": "postgresql+asyncpg://gateway_app@127.0.0.1:1/education", "GATEWAY_ISSUER": "http://x"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    upstreams = json.dumps({"roster": "http://127.0.0.1:8101"})
    return {**FIXED, "GATEWAY_SECRETS_DIR": str(tmp_path), "GATEWAY_UPSTREAMS": upstreams}


def test_check_names_services_and_signing_key(environment: dict[str, str], tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["check"], env=environment)
    assert result.exit_code == 0, result.output
    assert "1 services, signing key" in result.output
    assert (tmp_path / "signing" / "current.json").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"GATEWAY_UPSTREAMS": "{}"}, "GATEWAY_UPSTREAMS names no service"),
        ({"GATEWAY_UPSTREAMS": '{"roster": "ftp://x"}'}, "the address of roster must be http"),
        ({"GATEWAY_ISSUER": None}, "GATEWAY_ISSUER is not set"),
        ({"GATEWAY_EDGE": '{"max_body": 3}'}, "GATEWAY_EDGE_MAX_BODY"),
        ({"GATEWAY_TRUSTED_PROXIES": '["nowhere"]'}, "GATEWAY_TRUSTED_PROXIES"),
        ({"GATEWAY_UPSTREAM": "{}"}, "GATEWAY_UPSTREAM is not a setting"),
    ],
)
def test_check_refuses_with_a_sentence(
    environment: dict[str, str], change: dict[str, str | None], sentence: str
) -> None:
    result = CliRunner().invoke(command, ["check"], env={**environment, **change})
    assert result.exit_code == 1
    assert sentence in result.output
