"""Who is asking: roles, scopes and one organization path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.terms.organization import OrgLevel, is_within, path_level


class Role(StrEnum):
    """Roles a person or a machine can hold."""

    PROVINCE_READER = "province_reader"
    CITY_ADMIN = "city_admin"
    CITY_ANALYST = "city_analyst"
    COUNTY_ADMIN = "county_admin"
    COUNTY_REVIEWER = "county_reviewer"
    INSPECTOR = "inspector"
    SCHOOL_ADMIN = "school_admin"
    SCHOOL_OPERATOR = "school_operator"
    TEACHER = "teacher"
    STUDENT = "student"
    GUARDIAN = "guardian"
    INTEGRATION = "integration"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose behalf a request or job runs.

    Args:
        subject: stable id of the account or client.
        client: the OAuth client the token was issued to.
        roles: roles held.
        scopes: OAuth scopes of the token.
        org: organization path the actor belongs to; everything at or below it is theirs to see, if a role allows.
        person: key of the person the account stands for, e.g. a ``staff_key``: whose things are one's own.
    """

    subject: str
    client: str
    roles: frozenset[Role]
    scopes: frozenset[str]
    org: str
    person: str | None = None

    @property
    def level(self) -> OrgLevel:
        """Level of the actor's organization."""
        return path_level(self.org)

    def is_person(self, key: str) -> bool:
        """Whether the actor is the person of this key."""
        return self.person is not None and self.person == key

    def covers(self, path: str) -> bool:
        """Whether the actor's organization is, or contains, the organization at ``path``."""
        return is_within(path, self.org)
