from shared.terms.organization import OrgLevel
from shared.terms.regions import county_of, regions


def test_bijie_has_ten_education_areas() -> None:
    areas = [region for region in regions(include_test=False) if region.level is OrgLevel.COUNTY]
    assert len(areas) == 10
    assert {area.parent for area in areas} == {"520500"}
    assert {area.name["zh"] for area in areas if area.internal} == {"百里杜鹃管理区", "金海湖新区"}
    assert all(area.verified is not area.internal for area in areas)


def test_paths_are_prefixes() -> None:
    by_code = {region.code: region for region in regions(include_test=True)}
    for region in by_code.values():
        if region.parent is not None:
            assert region.path.startswith(by_code[region.parent].path)


def test_a_historic_code_means_todays_region() -> None:
    qianxi = county_of("520522", include_test=False)
    assert qianxi is not None
    assert (qianxi.code, qianxi.name["zh"]) == ("520581", "黔西市")


def test_the_test_region_does_not_exist_in_production() -> None:
    assert county_of("990001", include_test=False) is None
    assert county_of("990001", include_test=True) is not None
    assert all(not region.test for region in regions(include_test=False))
    assert county_of("520500", include_test=True) is None  # a city is no county
