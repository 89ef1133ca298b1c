"""Accounts as the API shows and takes them."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from gateway.identity.principals import OrgPath, Roles, ShownName
from shared.terms.actor import Role
from shared.terms.organization import OrgLevel

Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@-]{2,63}$")]

#: A person's pseudonym in the roster.
PersonKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]

# The rules allow far fewer; this only keeps megabytes away from them.
TypedPassword = Annotated[SecretStr, Field(max_length=1_000)]


class AccountChange(BaseModel):
    """What can be changed of an account."""

    model_config = ConfigDict(extra="forbid")

    display_name: ShownName
    roles: Roles
    org_path: OrgPath
    person_key: PersonKey | None = Field(
        default=None, description="本人在基础库中的代号（教职工为 staff_key）/ the person's key in the roster"
    )


class AccountIn(AccountChange):
    """An account to create; the password for the first login is drawn by us."""

    username: Username


class AccountOut(BaseModel):
    """An account."""

    username: str
    display_name: str
    roles: list[Role]
    org_path: str
    person_key: str | None
    is_disabled: bool
    must_change_password: bool
    password_changed_at: dt.datetime
    created_at: dt.datetime


class AccountWithPassword(AccountOut):
    """An account with a password for one login, which is shown this once."""

    initial_password: str


class PasswordChange(BaseModel):
    """One's own password, changed."""

    model_config = ConfigDict(extra="forbid")

    current_password: TypedPassword
    new_password: TypedPassword


class MeOut(BaseModel):
    """Who a token speaks for."""

    kind: Literal["client", "account"]
    name: str
    display_name: str
    subject: str
    roles: list[Role]
    scopes: list[str]
    org_path: str
    person_key: str | None
    level: OrgLevel
    permissions: list[str]
    grantable_roles: list[Role]
    must_change_password: bool
