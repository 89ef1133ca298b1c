"""Organizations in addresses, those without a national code among them."""

import re

import pytest

from shared.kernel.web.fields import CountyCode
from shared.kernel.web.organizations import OrgCode, code_of, path_of


def pattern_of(kind: object) -> str:
    metadata = kind.__metadata__[0]  # type: ignore[attr-defined]
    found = getattr(metadata, "pattern", None) or metadata.metadata[0].pattern
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("5205", "52/5205/"),
        ("520502", "52/5205/520502/"),
        # A functional area runs its own education office and has no national county code.
        ("5205B1", "52/5205/5205B1/"),
        ("5205J1-2152000001", "52/5205/5205J1/2152000001/"),
    ],
)
def test_a_code_names_one_path_and_back(code: str, path: str) -> None:
    assert re.fullmatch(pattern_of(OrgCode), code)
    assert (path_of(code), code_of(path)) == (path, code)


@pytest.mark.parametrize("code", ["52", "52050", "5205-2152000001", "520502-", "520502-../x", "5205b1"])
def test_what_is_no_organization_is_refused(code: str) -> None:
    assert not re.fullmatch(pattern_of(OrgCode), code)


def test_a_functional_area_is_a_county() -> None:
    assert re.fullmatch(pattern_of(CountyCode), "5205B1")
    assert not re.fullmatch(pattern_of(CountyCode), "5205")
