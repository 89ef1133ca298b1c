"""A seeded city of schools, pupils and marks with known truth, at any scale up to a whole prefecture.

Nobody in it exists: identity numbers are of the unassigned region 990001, school codes begin at 900001 of their province.
"""

from tools.synthetic_city.city import City, build_city
from tools.synthetic_city.settings import CitySettings

__all__ = ["City", "CitySettings", "build_city"]
