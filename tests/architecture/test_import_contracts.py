"""The import contracts hold (``make contracts``), and each of them bites: a planted violation is caught."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: For each contract: the module to spoil, and the import that must not stand there.
PLANTED = {
    "terms": ("shared/terms/actor.py", "import shared.kernel.clock"),
    "pure": ("shared/scoring/rounding.py", "import sqlalchemy"),
    "pure-rooms": ("shared/workflow/transitions.py", "import shared.policy.exam_kinds"),
    "kernel": ("shared/kernel/clock.py", "import shared.scoring.rounding"),
    "contracts": ("shared/contracts/__init__.py", "import shared.workflow.transitions"),
    "kits": ("shared/kits/__init__.py", "import shared.scoring.rounding"),
    "services": ("services/monitoring/database.py", "import services.roster.database"),
    "services-stand-alone": ("services/monitoring/permissions.py", "import gateway.settings"),
    "gateway": ("gateway/settings.py", "import services.roster.permissions"),
    "demo": ("demo/__init__.py", "import shared.kernel.ids"),
    "modules": ("services/monitoring/exams/tables.py", "import services.monitoring.exams.service"),
    "rules": ("services/monitoring/exams/rules.py", "import fastapi"),
    "jose": ("services/monitoring/settings.py", "import joserfc"),
}


def contracts() -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): parser[name]["name"] for name in parser.sections() if name.startswith(prefix)}


def test_every_contract_has_a_planted_violation() -> None:
    assert set(PLANTED) == set(contracts())


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("planted")
    for package in ("shared", "services", "gateway", "launch", "demo"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    for module, statement in PLANTED.values():
        file = folder / module
        file.write_text(f"{file.read_text()}\n{statement}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_violation_is_caught(name: str, verdicts: str) -> None:
    assert f"{contracts()[name]} BROKEN" in " ".join(verdicts.split())
