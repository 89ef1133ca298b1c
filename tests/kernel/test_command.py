"""The command line every service has, run as an operator runs it."""

import os
import subprocess
import sys

import pytest

from shared.kernel.settings import ServiceSettings


def environment(settings: ServiceSettings) -> dict[str, str]:
    assert settings.migration_database_url is not None
    return {
        **os.environ,
        "SAMPLE_DATABASE_URL": settings.database_url.get_secret_value(),
        "SAMPLE_MIGRATION_DATABASE_URL": settings.migration_database_url.get_secret_value(),
        "SAMPLE_SECRETS_DIR": str(settings.secrets_dir),
        "SAMPLE_JWKS": settings.jwks,
        "SAMPLE_ISSUER": settings.issuer,
    }


def run(command: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tests.kernel.sample", command]
    return subprocess.run(line, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("migrate", ""),
        ("check", "sample: ok"),
        ("audit-verify", "sample: 0 records, head 0000"),
        ("sweep", "sample: 0 changes"),
        ("openapi", '"openapi": "3.1.0"'),
    ],
)
def test_a_command_does_what_it_says(sample_settings: ServiceSettings, command: str, says: str) -> None:
    done = run(command, environment(sample_settings))
    assert done.returncode == 0, done.stderr
    assert says in done.stdout


def test_a_half_configured_service_ends_with_a_sentence(sample_settings: ServiceSettings) -> None:
    variables = environment(sample_settings)
    del variables["SAMPLE_DATABASE_URL"]
    done = run("api", variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert "SAMPLE_DATABASE_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr
