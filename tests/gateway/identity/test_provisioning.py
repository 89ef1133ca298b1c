"""The accounts file: applied, applied again, changed; and the command that applies it."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gateway.__main__ import command as command_line
from gateway.identity.commands import add_identity_commands, schema_fault
from gateway.identity.provisioning import AccountsFileError, Ensured, read_accounts_file
from gateway.settings import GatewaySettings
from launch.accounts import ensure_accounts_file
from tests.gateway.identity.support import (
    ADMIN,
    CITY,
    CITY_ADMIN,
    COUNTY,
    FILE,
    HEAD,
    HEAD_PASSWORD,
    VENDOR,
    VENDOR_SECRET,
    Running,
    bearer_of,
)


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(FILE)


@pytest.mark.anyio
async def test_applying_it_again_changes_nothing(issuer: Running) -> None:
    before = await issuer.audit("client.created")
    assert await issuer.ensure() == Ensured(created=0, changed=0, unchanged=4)
    assert await issuer.audit("client.created") == before
    assert not await issuer.audit("client.changed")


@pytest.mark.anyio
async def test_what_changed_in_the_file_changes_here(issuer: Running, document: dict[str, Any]) -> None:
    document["clients"][0] |= {"secret": "another-secret-0123456789", "scopes": ["sample.read"]}
    document["accounts"][1] |= {"roles": ["county_admin"], "org": COUNTY}
    assert await issuer.ensure(document) == Ensured(created=0, changed=2, unchanged=2)
    assert (await issuer.machine()).status_code == 401
    assert (await issuer.machine(secret="another-secret-0123456789")).json()["scope"] == "sample.read"
    me = await issuer.call("GET", "/me", bearer_of(await issuer.person(HEAD, HEAD_PASSWORD)))
    assert (me.json()["roles"], me.json()["org_path"]) == (["county_admin"], COUNTY)


@pytest.mark.anyio
async def test_secrets_changed_since_and_disabled_ones_stay_so(issuer: Running) -> None:
    rotated = (await issuer.call("POST", f"/clients/{VENDOR}/secret", CITY_ADMIN)).json()["client_secret"]
    await issuer.call("POST", f"/accounts/{HEAD}/disable", CITY_ADMIN)
    assert (await issuer.ensure()).changed == 0
    assert (await issuer.machine(secret=rotated)).status_code == 200
    assert (await issuer.machine(secret=VENDOR_SECRET)).status_code == 401
    assert (await issuer.person(HEAD, HEAD_PASSWORD)).status_code == 400


def write(folder: Path, document: object) -> Path:
    path = folder / "accounts.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.mark.parametrize(
    ("part", "changes", "said"),
    [
        ("clients", {"secret": "too short"}, "at least 16"),
        ("clients", {"scopes": ["*"]}, "identity.scope_form"),
        ("clients", {"roles": ["city_admin"]}, "identity.role_kind"),
        ("clients", {"color": "red"}, "color"),
        ("accounts", {"password": "Password2026!"}, "password.common"),
        ("accounts", {"org": COUNTY}, "identity.role_level"),
        ("accounts", {"username": VENDOR}, "named twice"),
    ],
)
def test_a_bad_entry_refuses_the_file_and_quotes_no_secret(
    tmp_path: Path, document: dict[str, Any], part: str, changes: dict[str, Any], said: str
) -> None:
    document[part][0] |= changes
    with pytest.raises(AccountsFileError) as refusal:
        read_accounts_file(write(tmp_path, document))
    assert said in str(refusal.value)
    secrets = {entry.get("secret") or entry.get("password") for entry in document["clients"] + document["accounts"]}
    assert not [secret for secret in secrets if secret in str(refusal.value)]


def test_the_file_of_a_new_installation_is_one(tmp_path: Path) -> None:
    services = ("roster", "monitoring", "school_evaluation")
    for service in services:
        (tmp_path / service).mkdir()
        (tmp_path / service / "client_secret").write_text("a secret of thirty-two characters", "ascii")
    path = tmp_path / "accounts.json"
    ensure_accounts_file(path, services, secrets_dir=tmp_path)
    assert len(read_accounts_file(path).clients) >= len(services)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", "utf-8")
    for path in (tmp_path / "absent.json", tmp_path / "broken.json", write(tmp_path, [])):
        with pytest.raises(AccountsFileError):
            read_accounts_file(path)


def test_the_commands(gateway_settings: GatewaySettings, tmp_path: Path, document: dict[str, Any]) -> None:
    command, runner = typer.Typer(), CliRunner()
    add_identity_commands(command, lambda: gateway_settings)
    path = write(tmp_path, document)

    def run(*arguments: str, typed: str | None = None) -> tuple[int, str]:
        result = runner.invoke(command, list(arguments), input=typed)
        secrets = [VENDOR_SECRET, HEAD_PASSWORD, "umbrella staple gun"]
        assert not [secret for secret in secrets if secret in result.output]
        return result.exit_code, result.output

    assert run("migrate")[0] == 0
    assert schema_fault(gateway_settings) is None
    assert run("accounts", "ensure", "--file", str(path)) == (
        0,
        "gateway: clients and accounts: 4 created, 0 changed, 0 in order\n",
    )
    assert run("accounts", "ensure", "--file", str(path)) == (
        0,
        "gateway: clients and accounts: 0 created, 0 changed, 4 in order\n",
    )
    assert run("accounts", "set-password", ADMIN, typed="umbrella staple gun\n")[0] == 0
    assert "password.common" in run("accounts", "set-password", ADMIN, typed="Password2026!\n")[1]
    assert run("accounts", "set-password", "nobody", typed="umbrella staple gun\n")[0] == 1
    code, said = run("audit-verify")
    assert (code, said.startswith("gateway: 5 records, head ")) == (0, True)
    document["accounts"][0]["org"] = CITY + "bad path/"
    assert run("accounts", "ensure", "--file", str(write(tmp_path, document)))[0] == 1


def test_the_gateways_command_line_offers_them(gateway_settings: GatewaySettings) -> None:
    database, owner = gateway_settings.database_url, gateway_settings.migration_database_url
    assert owner is not None
    environment = {
        "GATEWAY_DATABASE_URL": database.get_secret_value(),
        "GATEWAY_MIGRATION_DATABASE_URL": owner.get_secret_value(),
        "GATEWAY_ISSUER": "http://127.0.0.1:8000",
        "GATEWAY_SECRETS_DIR": str(gateway_settings.secrets_dir),
        "GATEWAY_UPSTREAMS": '{"roster": "http://127.0.0.1:8101"}',
    }
    said = subprocess.run(
        [sys.executable, "-m", "gateway", "check"], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert (said.returncode, said.stdout.startswith("gateway: 1 services")) == (0, True), said.stderr
    offered = CliRunner().invoke(command_line, ["--help"]).output
    assert all(name in offered for name in ("api", "check", "migrate", "new-migration", "accounts", "audit-verify"))
