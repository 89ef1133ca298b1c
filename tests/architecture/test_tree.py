"""House rules that a general linter cannot know."""

import ast
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.terms.problem_catalogue import FOLDER, ProblemKind, catalogue

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "gateway", "launch", "demo", "tools")
MOST_LINES = 400
#: Functions over 60 lines of code; this list may only get shorter.
LONG_FUNCTIONS: frozenset[str] = frozenset()
MODULE_FILES = {"__init__", "endpoints", "schemas", "service", "repository", "tables", "rules", "jobs"}


def sources(*packages: str) -> list[Path]:
    return [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]


def test_no_file_is_too_long() -> None:
    long = {
        str(file.relative_to(ROOT)): count
        for file in sources(*PACKAGES, "tests")
        if "versions" not in file.parts and (count := len(file.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = set()
    for file in sources(*PACKAGES):
        if "versions" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node, clean=False) or ""
                if (node.end_lineno or 0) - node.lineno - docstring.count("\n") > 60:
                    long.add(f"{file.relative_to(ROOT)}:{node.name}")
    assert long == LONG_FUNCTIONS


def test_every_problem_that_is_raised_is_in_the_catalogue_and_none_is_idle() -> None:
    text = "\n".join(file.read_text("utf-8") for file in sources("shared", "services", "gateway"))
    quoted = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)+)["']""", text))
    raised = set(re.findall(r"""(?:DomainError|Fault|refusal|refuse_file)\(\s*["']([a-z_.]+)["']""", text))
    assert raised - set(catalogue()) == set()
    built = tuple(re.findall(r"""f["']([a-z_]+\.[a-z_.]*)\{""", text))
    assert {code for code in set(catalogue()) - quoted if not code.startswith(built)} == set()


def test_the_catalogue_speaks_both_languages_in_their_own_punctuation() -> None:
    for problem in catalogue().values():
        for part in (problem.title, problem.detail, problem.remedy):
            assert re.search(r"[\u4e00-\u9fff]", part["zh"]), problem.code
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]", part["zh"]), (problem.code, part["zh"])
            assert not re.search(r"[\u4e00-\u9fff]", part["en"]), problem.code
        assert (problem.kind is ProblemKind.FAULT) or problem.detail["zh"].endswith("。"), problem.code
    assert all(file.suffix == ".yaml" for file in FOLDER.iterdir())


def test_only_the_edge_commits() -> None:
    guilty = [
        str(file.relative_to(ROOT))
        for file in sources("services", "gateway", "shared/kits")
        if re.search(r"\bsession\.(commit|rollback)\(", file.read_text("utf-8"))
    ]
    assert guilty == []


def test_pure_rooms_have_no_clock() -> None:
    pattern = re.compile(r"\b(datetime\.now|date\.today|time\.time|utcnow)\b")
    rooms = ("shared/scoring", "shared/policy", "shared/workflow")
    assert [str(file) for file in sources(*rooms) if pattern.search(file.read_text("utf-8"))] == []


def test_only_repositories_start_a_select_on_rows_that_belong_to_someone() -> None:
    guilty = [
        str(file.relative_to(ROOT))
        for file in sources("services")
        if file.stem in ("endpoints", "service") and re.search(r"(?<![\w.])select\(", file.read_text("utf-8"))
    ]
    assert guilty == []


@pytest.mark.parametrize(
    "service", [path.name for path in sorted((ROOT / "services").iterdir()) if (path / "app.py").exists()]
)
def test_a_module_names_its_files_as_all_modules_do(service: str) -> None:
    for module in sorted((ROOT / "services" / service).iterdir()):
        if (module / "tables.py").exists() and (module / "endpoints.py").exists():
            names = {file.stem for file in module.glob("*.py")}
            assert not names & {"utils", "helpers", "common", "misc", "models", "crud"}, module


def test_every_module_can_be_imported_in_an_empty_environment() -> None:
    names = [
        info.name
        for package in ("shared", "services", "gateway", "launch", "demo")
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if not info.name.endswith("__main__") and ".migrations" not in info.name
    ]
    assert len(names) > 100
    script = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", script, *names], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert importlib.import_module("shared.terms.actor") is not None
