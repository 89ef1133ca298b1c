"""Secrets, accounts, settings, topologies: what is decided before a process starts."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from launch.accounts import ensure_accounts_file
from launch.errors import LaunchError
from launch.migration import write_migration
from launch.preparation import prepare_folders, prepare_secrets, provision_database
from launch.reset import reset
from launch.secret_files import ensure_passwords
from launch.settings import PROJECT, LaunchSettings, read_settings
from launch.topology import GATEWAY, SCHEMAS, SERVICES, maintenance_environment, process_specs
from shared.kernel.database.provisioning import ServiceDatabase
from shared.kernel.embedded_postgres.folder import FolderLock

DATABASES = {schema: ServiceDatabase(f"app:{schema}", f"owner:{schema}") for schema in SCHEMAS}


@pytest.fixture
def settings(tmp_path: Path) -> LaunchSettings:
    settings = LaunchSettings(var_dir=tmp_path / "var")
    prepare_folders(settings)
    return settings


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_secrets_are_made_once_for_their_owner_s_eyes_only(settings: LaunchSettings) -> None:
    assert prepare_secrets(settings)
    first = contents(settings.secrets_dir)
    assert not prepare_secrets(settings)
    assert contents(settings.secrets_dir) == first
    for path in (settings.secrets_dir, *settings.secrets_dir.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_every_service_has_its_own_keys_but_all_know_a_person_by_one(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    keys = {
        name: [(settings.secrets_dir / service / name).read_text() for service in SERVICES]
        for name in ("field_key", "receipt_key", "person_key", "client_secret")
    }
    assert all(len(base64.b64decode(key, validate=True)) == 32 for name in list(keys)[:3] for key in keys[name])
    assert {name: len(set(values)) for name, values in keys.items()} == {
        "field_key": len(SERVICES),
        "receipt_key": len(SERVICES),
        "person_key": 1,
        "client_secret": len(SERVICES),
    }


def test_a_service_added_later_shares_the_person_key(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    added = settings.secrets_dir / "monitoring"
    key = (added / "person_key").read_text()
    for file in added.iterdir():
        file.unlink()
    prepare_secrets(settings)
    assert (added / "person_key").read_text() == key


def test_lost_secrets_of_a_database_that_exists_are_not_replaced(settings: LaunchSettings) -> None:
    (settings.var_dir / "postgres").mkdir()
    (settings.var_dir / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(LaunchError, match="Restore it from a backup") as refusal:
        prepare_secrets(settings)
    assert "备份" in refusal.value.zh
    assert not settings.secrets_dir.exists()


def test_the_signing_key_is_a_private_ed25519_key(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    key = json.loads((settings.secrets_dir / "gateway" / "signing" / "current.json").read_text())
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    assert key["d"]
    assert key["kid"]


def test_a_service_s_client_has_the_secret_the_service_holds(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    clients = {entry["client_id"]: entry for entry in json.loads(settings.accounts_file.read_text())["clients"]}
    for service in SERVICES:
        held = (settings.secrets_dir / service / "client_secret").read_text()
        assert clients[f"service-{service}"]["secret"] == held
    assert clients["sample-vendor"]["roles"] == ["integration"]
    assert clients["province"]["org"] == "52/"


def test_new_entries_join_the_accounts_file_without_changing_old_ones(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    before = json.loads(settings.accounts_file.read_text())
    shortened = {"clients": before["clients"][:1], "accounts": [*before["accounts"], {"username": "mine"}]}
    settings.accounts_file.write_text(json.dumps(shortened))
    assert not ensure_accounts_file(settings.accounts_file, SERVICES, secrets_dir=settings.secrets_dir)
    after = json.loads(settings.accounts_file.read_text())
    assert after["clients"][0] == before["clients"][0]
    assert {entry["client_id"] for entry in after["clients"]} == {entry["client_id"] for entry in before["clients"]}
    assert after["accounts"] == shortened["accounts"]


def test_database_passwords_stay_the_same(settings: LaunchSettings) -> None:
    settings.secrets_dir.mkdir()
    first = ensure_passwords(settings.secrets_dir, {"roster": ("roster_owner", "roster_app")})
    assert first == ensure_passwords(settings.secrets_dir, {"roster": ("roster_owner", "roster_app")})
    assert len(set(first.values())) == 2


def test_an_unreachable_database_url_is_a_sentence_without_its_password(settings: LaunchSettings) -> None:
    url = "postgresql://admin:s3cret-pass@127.0.0.1:1/education"
    given = LaunchSettings(var_dir=settings.var_dir, database_url=url)
    given.secrets_dir.mkdir()
    with pytest.raises(LaunchError, match="DATABASE_URL") as refusal:
        provision_database(given, None)
    assert "s3cret-pass" not in str(refusal.value)


@pytest.mark.parametrize("topology", ["all-in-one", "split"])
def test_only_steps_that_change_the_schema_know_its_owner(settings: LaunchSettings, topology: str) -> None:
    chosen = LaunchSettings(var_dir=settings.var_dir, topology=topology)  # type: ignore[arg-type]
    for spec in process_specs(chosen, DATABASES):
        assert not any(value.startswith("owner:") for value in spec.environment.values()), spec.name
    assert (
        maintenance_environment("roster", chosen, DATABASES["roster"])["ROSTER_MIGRATION_DATABASE_URL"]
        == "owner:roster"
    )


def test_split_gives_every_service_an_address_the_gateway_knows(settings: LaunchSettings) -> None:
    specs = {
        spec.name: spec
        for spec in process_specs(LaunchSettings(var_dir=settings.var_dir, topology="split", port=9000), DATABASES)
    }
    assert set(specs) == {f"{service}-{part}" for service in SERVICES for part in ("api", "worker")} | {GATEWAY}
    upstreams = json.loads(specs[GATEWAY].environment["GATEWAY_UPSTREAMS"])
    for service in SERVICES:
        port = specs[f"{service}-api"].environment[f"{service.upper()}_PORT"]
        assert upstreams[service] == f"http://127.0.0.1:{port}"
    assert len(set(upstreams.values())) == len(SERVICES)


def test_the_environment_is_obeyed_and_loopback_is_the_default() -> None:
    settings = read_settings({"VAR_DIR": "/srv/education", "GATEWAY_PORT": "8088", "TOPOLOGY": "split"})
    assert (settings.var_dir, settings.port, settings.topology) == (Path("/srv/education"), 8088, "split")
    assert (settings.host, settings.demo) == ("127.0.0.1", True)
    assert read_settings({"GATEWAY_HOST": "0.0.0.0"}).address == "http://127.0.0.1:8000"  # noqa: S104


def test_production_gets_no_demonstration() -> None:
    assert not read_settings({"ENV": "production"}).demo


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80"])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    with pytest.raises(LaunchError, match="GATEWAY_PORT"):
        read_settings({"GATEWAY_PORT": port})


def test_an_unknown_topology_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LaunchError, match="all-in-one, split"):
        read_settings({"TOPOLOGY": "spread"})


def test_a_reset_removes_what_a_launch_made_and_nothing_else(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    (settings.var_dir / "letters").mkdir()
    assert set(reset(settings)) >= {"secrets", "log", "store"}
    assert [path.name for path in settings.var_dir.iterdir()] == ["letters"]


def test_a_reset_is_refused_while_the_platform_runs(settings: LaunchSettings) -> None:
    prepare_secrets(settings)
    running = FolderLock(settings.var_dir / "run" / "supervisor.lock")
    assert running.acquire() is None
    with pytest.raises(LaunchError, match="is running"):
        reset(settings)
    running.release()
    assert settings.accounts_file.exists()


def test_every_service_that_exists_is_launched() -> None:
    existing = {app.parent.name for app in (PROJECT / "services").glob("*/app.py")}
    assert existing <= set(SERVICES), "add the service to SERVICES in launch/topology.py"


def test_a_migration_for_no_service_is_refused_with_the_known_ones(settings: LaunchSettings) -> None:
    with pytest.raises(LaunchError, match="no service rooster") as refusal:
        write_migration(settings, "rooster", "add feathers")
    assert "roster" in refusal.value.zh
