"""Names that results cite, and words that refusals use, exist."""

import re
from dataclasses import fields
from pathlib import Path

import shared.scoring
from shared.scoring.methods import FRAME_METHODS, METHODS
from shared.scoring.result import AnalysisResult
from shared.scoring.schemas import SCHEMAS, SORT_KEYS
from shared.terms.problem_catalogue import catalogue

SOURCES = sorted(Path(shared.scoring.__file__).parent.rglob("*.py"))


def test_every_frame_names_its_method_schema_and_order():
    frames = {field.name for field in fields(AnalysisResult)}
    assert set(FRAME_METHODS) == set(SCHEMAS) == set(SORT_KEYS) == frames


def test_methods_are_listed_once():
    assert len({method.id for method in METHODS}) == len(METHODS)
    assert set(FRAME_METHODS.values()) <= set(METHODS)


def test_every_code_is_in_the_catalogue_and_every_entry_is_used():
    used = {code for path in SOURCES for code in re.findall(r'"(scoring\.[a-z_]+)"', path.read_text("utf-8"))}
    assert used == {code for code in catalogue() if code.startswith("scoring.")}


def test_the_core_imports_no_web_database_network_or_clock():
    forbidden = re.compile(
        r"^\s*(?:from|import) (?:fastapi|starlette|sqlalchemy|httpx|asyncpg|time|socket|random)\b|"
        r"^\s*(?:from|import) shared\.(?!terms|scoring)|\.(?:now|utcnow|today)\(",
        re.MULTILINE,
    )
    assert [path.name for path in SOURCES if forbidden.search(path.read_text("utf-8"))] == []
